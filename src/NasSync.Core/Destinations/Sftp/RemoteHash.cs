using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using System.Text;
using NasSync.Destinations.Ssh;
using NasSync.Processes;

namespace NasSync.Destinations.Sftp;

/// <summary>
/// Hashes files on the host: one ssh process for all of them runs a plain shell that is fed one line per file. Its answers carry a word that
/// only we know, so nothing that a login script prints is taken for one. It is a helper, not a judge: the shell may see other files than SFTP
/// does, so an answer counts only when it agrees with what is already known.
/// </summary>
internal sealed partial class RemoteHash(SshCommand command, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(20);

    // A disk that hangs takes the hash with it while the shell lives on; no place that is in use reads slower than this.
    private static readonly TimeSpan LeastTime = TimeSpan.FromMinutes(5);
    private const long LeastBytesPerSecond = 1024 * 1024;
    private readonly object _gate = new();
    private readonly SemaphoreSlim _atOnce = new(2);
    private Task<Shell?>? _shell;
    private volatile bool _useless;

    /// <summary>True when it was seen not to help here; it is not asked again.</summary>
    public bool IsUseless => _useless;

    /// <summary>Opens the shell while there is something else to wait for. What goes wrong is told by the first question.</summary>
    public void Warm()
    {
        if (!_useless) _ = ShellAsync().ContinueWith(shell => _ = shell.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>It answered wrongly or not at all: it is not asked again.</summary>
    public void GiveUp() => _useless = true;

    /// <summary>SHA-256 of a file, lower-case hex; null when the host does not tell.</summary>
    public Task<string?> HashAsync(string path, long size, CancellationToken cancellationToken) => AskAsync($"h < {Quote(path)}", size, cancellationToken);

    /// <summary>SHA-256 of a file's first bytes; null when the host does not tell, or when the file has another size.</summary>
    public Task<string?> HashStartAsync(string path, int bytes, long size, CancellationToken cancellationToken) => AskAsync(
        string.Create(CultureInfo.InvariantCulture, $"test $(wc -c < {Quote(path)}) -eq {size} && head -c {bytes} < {Quote(path)} | h"), bytes, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _useless = true;
        Task<Shell?>? shell;
        lock (_gate)
        {
            shell = _shell;
        }

        if (shell is not null && await shell.ConfigureAwait(false) is { } running) await running.DisposeAsync().ConfigureAwait(false);
        _atOnce.Dispose();
    }

    /// <summary>
    /// One word for a POSIX shell, whatever it contains: within single quotes nothing has a meaning but the single quote, which is written
    /// outside of them. A relative path gets a <c>./</c>, so that it is never taken for an option.
    /// </summary>
    internal static string Quote(string path) =>
        path.Contains('\0', StringComparison.Ordinal)
            ? throw new ArgumentException("a path has no NUL", nameof(path))
            : $"'{(path.StartsWith('/') ? "" : "./")}{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private async Task<string?> AskAsync(string pipeline, long size, CancellationToken cancellationToken)
    {
        if (_useless) return null;
        await _atOnce.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (await ShellAsync().WaitAsync(cancellationToken).ConfigureAwait(false) is { } shell)
                return await shell.AskAsync(pipeline).WaitAsync(LeastTime + TimeSpan.FromSeconds(size / LeastBytesPerSecond), time, cancellationToken).ConfigureAwait(false);
            _useless = true;
            return null;
        }
        catch (TimeoutException)
        {
            _useless = true;
            return null;
        }
        finally
        {
            _atOnce.Release();
        }
    }

    private Task<Shell?> ShellAsync()
    {
        lock (_gate)
        {
            if (_shell is { IsCompletedSuccessfully: true } && _shell.GetAwaiter().GetResult() is { HasEnded: true } ended)
            {
                _ = ended.DisposeAsync().AsTask();
                _shell = null;
            }

            return _shell ??= Task.Run(StartAsync);
        }
    }

    private async Task<Shell?> StartAsync()
    {
        var shell = new Shell(SftpConnection.Start(command.Shell(), command, time), time);
        if (await shell.BeginAsync(StartTime, time).ConfigureAwait(false)) return shell;
        await shell.DisposeAsync().ConfigureAwait(false);
        return null;
    }

    private sealed partial class Shell : IAsyncDisposable
    {
        // The first of these programs that the host has. Each reads standard input, so that no name is ever an argument of theirs.
        private const string Prologue = """
            LC_ALL=C; export LC_ALL
            if command -v sha256sum; then h() { sha256sum; }
            elif command -v shasum; then h() { shasum -a 256; }
            elif command -v sha256; then h() { sha256 -q; }
            elif command -v openssl; then h() { openssl dgst -sha256 -r; }
            else exit 3; fi >/dev/null 2>&1
            a() { printf '\n%s %s %s\n' "$1" "$2" "$3"; }

            """;

        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
        private readonly string _word = Convert.ToHexString(RandomNumberGenerator.GetBytes(12));
        private readonly ConcurrentDictionary<int, TaskCompletionSource<string?>> _asked = new();
        private readonly object _writing = new();
        private readonly ChildProcess _ssh;
        private readonly StallWatch _watch;
        private int _lastId;
        private volatile bool _ended;

        public Shell(ChildProcess ssh, TimeProvider time)
        {
            _ssh = ssh;

            // The hashes run beside the shell, so that it can answer at any time, however large a file is.
            _watch = new StallWatch(Patience, time, _ => End(), () => Write($"a {_word} 0 -\n"));
            new Thread(ReadLoop) { IsBackground = true, Name = "remote hashes" }.Start();
        }

        public bool HasEnded => _ended;

        public async Task<bool> BeginAsync(TimeSpan limit, TimeProvider time)
        {
            const string OfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
            try
            {
                return await AskAsync("h < /dev/null", Prologue).WaitAsync(limit, time).ConfigureAwait(false) == OfNothing;
            }
            catch (TimeoutException)
            {
                return false;
            }
        }

        public Task<string?> AskAsync(string pipeline, string before = "")
        {
            var id = Interlocked.Increment(ref _lastId);
            var answer = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
            _asked[id] = answer;
            _watch.Begin();
            Write(string.Create(CultureInfo.InvariantCulture, $"{before}{{ a {_word} {id} \"$({{ {pipeline}; }} 2>/dev/null)\"; }} &\n"));
            if (_ended) Answer(id, null);
            return answer.Task;
        }

        public ValueTask DisposeAsync()
        {
            _watch.Dispose();
            return _ssh.DisposeAsync();
        }

        private void Write(string line)
        {
            try
            {
                lock (_writing)
                {
                    _ssh.Input.Write(Encoding.UTF8.GetBytes(line));
                    _ssh.Input.Flush();
                }
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                _ended = true;
            }
        }

        private void Answer(int id, string? hash)
        {
            if (!_asked.TryRemove(id, out var answer)) return;
            _watch.End();
            answer.TrySetResult(hash);
        }

        private void End()
        {
            _ended = true;
            foreach (var id in _asked.Keys) Answer(id, null);
        }

        private void ReadLoop()
        {
            try
            {
                using var lines = new StreamReader(_ssh.Output, Encoding.UTF8, false, 4096, leaveOpen: true);
                while (lines.ReadLine() is { } line)
                {
                    _watch.Move();
                    var words = line.Split(' ', 3);
                    if (words.Length < 3 || words[0] != _word || !int.TryParse(words[1], CultureInfo.InvariantCulture, out var id)) continue;
                    Answer(id, Sha256().Match(words[2]) is { Success: true } hash ? hash.Value : null);
                }
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // The host is gone; whoever waits learns below that there is no answer.
            }
            finally
            {
                End();
            }
        }

        [GeneratedRegex("^[0-9a-f]{64}")]
        private static partial Regex Sha256();
    }
}
