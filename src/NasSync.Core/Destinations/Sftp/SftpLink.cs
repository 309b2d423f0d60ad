namespace NasSync.Destinations.Sftp;

/// <summary>Keeps a connection, opens another when it broke, and turns every error of a call into a <see cref="FailureException"/>.</summary>
internal sealed class SftpLink(string place, SshCommand command, TimeProvider time) : IAsyncDisposable
{
    private readonly object _gate = new();
    private Task<SftpConnection>? _current;
    private bool _disposed;

    /// <summary>The connection; callers at the same time share the one that is being opened.</summary>
    public async Task<SftpConnection> GetAsync(CancellationToken cancellationToken)
    {
        Task<SftpConnection> current;
        Task<SftpConnection>? broken = null;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_current is null or { IsFaulted: true } || (_current.IsCompletedSuccessfully && IsBroken(_current)))
            {
                broken = _current;
                _current = Task.Run(() => SftpConnection.OpenAsync(place, command, time), CancellationToken.None);
            }

            current = _current;
        }

        if (broken is { IsCompletedSuccessfully: true }) await (await broken.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        return await current.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes a call on the connection.</summary>
    /// <param name="operation">What it does, as a verb.</param>
    /// <param name="subject">What it does it to: a path below the root.</param>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Gives up waiting for the answer.</param>
    public async Task<T> CallAsync<T>(string operation, string subject, Func<SftpSession, Task<T>> call, CancellationToken cancellationToken)
    {
        var connection = await GetAsync(cancellationToken).ConfigureAwait(false);
        return await CallAsync(connection, operation, subject, () => call(connection.Session), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes a call on one certain connection.</summary>
    public async Task<T> CallAsync<T>(SftpConnection connection, string operation, string subject, Func<Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (SftpStatusException e)
        {
            var space = e.Status == SftpStatus.Failure ? await SpaceAsync(connection).ConfigureAwait(false) : null;
            throw new FailureException(SftpFailure.From(e, operation, $"{place}/{subject}", space), e);
        }
        catch (Exception e) when (SftpFailure.IsConnectionEnd(e))
        {
            throw new FailureException(await connection.WhyAsync(e).ConfigureAwait(false), e);
        }
    }

    /// <summary>The folder whose file system is asked for room when a request fails without a word.</summary>
    public required string Root { get; init; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Task<SftpConnection>? current;
        lock (_gate)
        {
            (_disposed, current) = (true, _current);
        }

        if (current is null) return;
        await current.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).ConfigureAwait(false);
        if (current.IsCompletedSuccessfully) await (await current.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
    }

    private static bool IsBroken(Task<SftpConnection> opened) => opened.GetAwaiter().GetResult().IsBroken;

    private async Task<(long, long)?> SpaceAsync(SftpConnection connection)
    {
        try
        {
            return await connection.Session.SpaceAsync(Root).ConfigureAwait(false) is { } space ? (space.FreeBytes, space.FreeInodes) : null;
        }
        catch (Exception e) when (SftpFailure.IsConnectionEnd(e))
        {
            return null;
        }
    }
}
