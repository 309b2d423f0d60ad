using System.Globalization;
using NasSync.Destinations.Ssh;

namespace NasSync.Destinations.Sftp;

/// <summary>
/// Hashes files on the host: one <see cref="RemoteShell"/> for all complete files, and one for each large file that is followed while it is written.
/// Its answers carry a secret word, so output of a login script is never taken for one. It only helps: the shell may see other files than SFTP does,
/// so an answer counts only when it agrees with what is known already.
/// </summary>
internal sealed class RemoteHash(SshCommand command, TimeProvider time) : IAsyncDisposable
{
    // Each follower takes a connection.
    private const int MostFollowed = 2;

    // A hanging disk blocks the hash while the shell lives on; no disk in use reads more slowly than this.
    private static readonly TimeSpan LeastTime = TimeSpan.FromMinutes(5);
    private const long LeastBytesPerSecond = 1024 * 1024;
    private readonly object _gate = new();
    private readonly SemaphoreSlim _atOnce = new(2);
    private readonly SemaphoreSlim _following = new(MostFollowed);
    private readonly Stack<RemoteShell> _idle = new();
    private readonly List<Task> _ending = [];
    private Task<RemoteShell?>? _shell;

    // Never disposed: what is starting may still look at it.
    private readonly CancellationTokenSource _stop = new();
    private volatile bool _useless;

    /// <summary>Whether it proved of no use here; then it is not used again.</summary>
    public bool IsUseless => _useless;

    /// <summary>Opens the shell in the background. The first query reports a failure.</summary>
    public void Warm()
    {
        if (!_useless)
            _ = ShellAsync().ContinueWith(shell => _ = shell.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>Stops using it, after a wrong answer or none.</summary>
    public void GiveUp() => _useless = true;

    /// <summary>
    /// Begins to hash a file that is about to be written; null when the maximum number of files is being followed. The caller disposes the result
    /// before this object.
    /// </summary>
    public FollowedHash? TryFollow(string path)
    {
        if (_useless || !_following.Wait(0)) return null;
        RemoteShell? idle;
        lock (_gate) _idle.TryPop(out idle);
        return new FollowedHash(
            idle is { HasEnded: false } ? Task.FromResult<RemoteShell?>(idle) : Task.Run(() => RemoteShell.StartAsync(command, time, _stop.Token)),
            path,
            GiveBack);
    }

    /// <summary>The host's hash of a followed file that is complete; null when the host returns none.</summary>
    public async Task<string?> FinishAsync(FollowedHash followed, long size, CancellationToken cancellationToken)
    {
        try
        {
            return await followed.FinishAsync().WaitAsync(LimitFor(size), time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    /// <summary>SHA-256 of a file, lower-case hex; null when the host returns none.</summary>
    public Task<string?> HashAsync(string path, long size, CancellationToken cancellationToken) =>
        AskAsync($"h < {Quote(path)}", size, cancellationToken);

    /// <summary>SHA-256 of a file's first bytes; null when the host returns none, or the file has another size.</summary>
    public Task<string?> HashStartAsync(string path, int bytes, long size, CancellationToken cancellationToken) => AskAsync(
        string.Create(CultureInfo.InvariantCulture, $"test $(wc -c < {Quote(path)}) -eq {size} && head -c {bytes} < {Quote(path)} | h"),
        bytes,
        cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _useless = true;
        Task<RemoteShell?>? shell;
        Task ending;
        lock (_gate)
        {
            shell = _shell;
            ending = Task.WhenAll(_ending);
        }

        // A host that does not answer would keep a shell starting for a third of a minute.
        await _stop.CancelAsync().ConfigureAwait(false);

        await ending.ConfigureAwait(false);
        if (shell is not null && await shell.ConfigureAwait(false) is { } running) await running.DisposeAsync().ConfigureAwait(false);
        foreach (var idle in _idle) await idle.DisposeAsync().ConfigureAwait(false);
        _atOnce.Dispose();
        _following.Dispose();
    }

    /// <summary>
    /// Quotes any text as one word for a POSIX shell: within single quotes only the single quote has a meaning, so it is written outside of them. A
    /// relative path gets a <c>./</c>, so that it is never taken for an option.
    /// </summary>
    internal static string Quote(string path) =>
        path.Contains('\0', StringComparison.Ordinal)
            ? throw new ArgumentException("a path has no NUL", nameof(path))
            : $"'{(path.StartsWith('/') ? "" : "./")}{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static TimeSpan LimitFor(long size) => LeastTime + TimeSpan.FromSeconds(size / LeastBytesPerSecond);

    private async Task<string?> AskAsync(string pipeline, long size, CancellationToken cancellationToken)
    {
        if (_useless) return null;
        await _atOnce.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (await ShellAsync().WaitAsync(cancellationToken).ConfigureAwait(false) is { } shell)
                return await shell.AskAsync(pipeline).WaitAsync(LimitFor(size), time, cancellationToken).ConfigureAwait(false);
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

    private Task<RemoteShell?> ShellAsync()
    {
        lock (_gate)
        {
            if (_shell is { IsCompletedSuccessfully: true } && _shell.GetAwaiter().GetResult() is { HasEnded: true } ended)
            {
                _ = ended.DisposeAsync().AsTask();
                _shell = null;
            }

            return _shell ??= Task.Run(() => RemoteShell.StartAsync(command, time, _stop.Token));
        }
    }

    private void GiveBack(Task<RemoteShell?> shell, bool isIdle)
    {
        lock (_gate)
        {
            _ending.RemoveAll(ended => ended.IsCompleted);
            _ending.Add(EndAsync(shell, isIdle));
        }
    }

    // Never fails: a shell that failed to start needs no end.
    private async Task EndAsync(Task<RemoteShell?> starting, bool isIdle)
    {
        await ((Task)starting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (starting.IsCompletedSuccessfully && await starting.ConfigureAwait(false) is { } shell)
        {
            if (isIdle && !shell.HasEnded) lock (_gate) _idle.Push(shell);
            else await shell.DisposeAsync().ConfigureAwait(false);
        }

        _following.Release();
    }
}
