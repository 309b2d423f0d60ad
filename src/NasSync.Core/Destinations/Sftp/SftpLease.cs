namespace NasSync.Destinations.Sftp;

/// <summary>A copy's place on a connection, to be given back when the copy is done with.</summary>
internal sealed class SftpLease(SftpConnection connection, Action giveBack) : IDisposable
{
    private Action? _giveBack = giveBack;

    /// <summary>The connection; the copy stays on it, because a server keeps the order of requests on one connection only.</summary>
    public SftpConnection Connection => connection;

    /// <inheritdoc/>
    public void Dispose() => Interlocked.Exchange(ref _giveBack, null)?.Invoke();
}
