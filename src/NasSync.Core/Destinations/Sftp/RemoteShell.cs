using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using NasSync.Destinations.Ssh;
using NasSync.Processes;

namespace NasSync.Destinations.Sftp;

/// <summary>
/// A plain shell on the host, over its own ssh process, which receives one line per query. It either answers queries about complete files, several at
/// a time, or follows one unfinished file after the other.
/// </summary>
internal sealed partial class RemoteShell : IAsyncDisposable
{
    // Uses the first of these programs that the host has and that hashes correctly; on most hosts sha256sum takes six times as long as openssl,
    // which uses the processor's instructions for it. Each reads standard input, so that no name is ever an argument.
    private const string Prologue = $$"""
        LC_ALL=C; export LC_ALL
        for p in 'openssl dgst -sha256 -r' sha256sum 'shasum -a 256' 'sha256 -q' ''; do
        case $($p 2>/dev/null < /dev/null) in {{OfNothing}}*) break;; esac
        done
        [ "$p" ] || exit 3
        h() { $p; }
        a() { printf '\n%s %s %s\n' "$1" "$2" "$3"; }
        exec 4>&1

        """;

    // The right answer to the first query shows that the shell understands the script.
    private const string OfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private const string Ready = "ready";
    private const string Last = "end";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(20);
    private readonly string _word = Convert.ToHexString(RandomNumberGenerator.GetBytes(12));
    private readonly ConcurrentDictionary<int, Question> _asked = new();
    private readonly object _writing = new();
    private readonly ChildProcess _ssh;
    private readonly StallWatch _watch;
    private Question? _followed;
    private int _lastId;
    private volatile bool _ended;

    private RemoteShell(ChildProcess ssh, TimeProvider time)
    {
        _ssh = ssh;

        // The hashes run in the background, so the shell can answer at any time, however large a file is.
        _watch = new StallWatch(Patience, time, _ => End(), () => Write($"a {_word} 0 -\n"));
        new Thread(ReadLoop) { IsBackground = true, Name = "remote hashes" }.Start();
    }

    /// <summary>Whether it cannot be used any more.</summary>
    public bool HasEnded => _ended;

    /// <summary>Connects and checks that the host has a shell that can hash; null when it has none, and after a stop.</summary>
    public static async Task<RemoteShell?> StartAsync(SshCommand command, TimeProvider time, CancellationToken cancellationToken)
    {
        await command.ChooseCiphersAsync(time).ConfigureAwait(false);
        var shell = new RemoteShell(SftpConnection.Start(command.Shell(), command, time), time);
        if (await shell.BeginAsync(time, cancellationToken).ConfigureAwait(false)) return shell;
        await shell.DisposeAsync().ConfigureAwait(false);
        return null;
    }

    /// <summary>Runs a pipeline that ends in a hash; null when there is no answer.</summary>
    public Task<string?> AskAsync(string pipeline) => AskAsync(pipeline, "");

    /// <summary>
    /// Begins to hash a file that is still being written; nothing else may be queried until <see cref="EndFollowingAsync"/>. The shell waits for
    /// <see cref="Advance"/> and reads no farther.
    /// </summary>
    /// <returns>False when the host cannot do it.</returns>
    public Task<bool> FollowAsync(string path)
    {
        var question = _followed = Add(isWatched: false);

        // The shell would take the rest of its input for the first numbers, so nothing is sent before it reports that it reads them.
        Write(string.Create(CultureInfo.InvariantCulture, $$"""
            a {{_word}} {{question.Id}} "$({ a {{_word}} {{question.Id}} {{Ready}} >&4; while read n && [ "$n" != {{Last}} ]; do dd bs=1048576 count="$n" <&3; done; cat <&3; } 2>/dev/null 3< {{RemoteHash.Quote(path)}} | h)"

            """));
        if (_ended) Answer(question.Id, null);
        return question.Begun.Task;
    }

    /// <summary>Reports that so many more MiB of the followed file are there.</summary>
    public void Advance(long mebibytes) => Write(string.Create(CultureInfo.InvariantCulture, $"{mebibytes}\n"));

    /// <summary>Reports that the followed file is complete.</summary>
    /// <returns>Its hash; null when there is no answer.</returns>
    public Task<string?> EndFollowingAsync()
    {
        Write($"{Last}\n");
        return _followed!.Answer.Task;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _watch.Dispose();
        return _ssh.DisposeAsync();
    }

    private async Task<bool> BeginAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync("h < /dev/null", Prologue).WaitAsync(StartTime, time, cancellationToken).ConfigureAwait(false) == OfNothing;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            return false;
        }
    }

    private Task<string?> AskAsync(string pipeline, string before)
    {
        var question = Add(isWatched: true);
        Write(string.Create(CultureInfo.InvariantCulture, $"{before}{{ a {_word} {question.Id} \"$({{ {pipeline}; }} 2>/dev/null)\"; }} &\n"));
        if (_ended) Answer(question.Id, null);
        return question.Answer.Task;
    }

    private Question Add(bool isWatched)
    {
        var question = new Question(Interlocked.Increment(ref _lastId), isWatched);
        _asked[question.Id] = question;
        if (isWatched) _watch.Begin();
        return question;
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
        if (!_asked.TryRemove(id, out var question)) return;
        if (question.IsWatched) _watch.End();
        question.Begun.TrySetResult(false);
        question.Answer.TrySetResult(hash);
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
                if (words[2] != Ready) Answer(id, Sha256().Match(words[2]) is { Success: true } hash ? hash.Value : null);
                else if (_asked.TryGetValue(id, out var begun)) begun.Begun.TrySetResult(true);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The host is gone; the callers learn below that there is no answer.
        }
        finally
        {
            End();
        }
    }

    [GeneratedRegex("^[0-9a-f]{64}")]
    private static partial Regex Sha256();

    private sealed record Question(int Id, bool IsWatched)
    {
        public TaskCompletionSource<bool> Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<string?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
