namespace NasSync.Destinations.Sftp;

/// <summary>A copy's slot on a connection, released when the copy has ended.</summary>
internal sealed class SftpLease(SftpConnection connection, Action giveBack) : IDisposable
{
    private Action? _giveBack = giveBack;

    /// <summary>The connection. The copy stays on it, because a server keeps the order of requests only within a connection.</summary>
    public SftpConnection Connection => connection;

    /// <inheritdoc/>
    public void Dispose() => Interlocked.Exchange(ref _giveBack, null)?.Invoke();
}
