using NasSync.Destinations.Ssh;

namespace NasSync.Destinations.Sftp;

/// <summary>Keeps the connections to a host, replaces broken ones, and turns every error of a call into a <see cref="FailureException"/>.</summary>
internal sealed class SftpLink : IAsyncDisposable
{
    private readonly object _gate = new();
    private readonly string _place;
    private readonly SftpLines _lines;
    private readonly List<Task> _ending = [];

    // Never disposed: what is opening may still look at it.
    private readonly CancellationTokenSource _stop = new();
    private bool _disposed;

    /// <param name="place">The host, for messages.</param>
    /// <param name="command">The ssh command.</param>
    /// <param name="most">The maximum number of connections.</param>
    /// <param name="time">The clock.</param>
    public SftpLink(string place, SshCommand command, int most, TimeProvider time)
    {
        _place = place;
        _lines = new SftpLines(most, () => Task.Run(() => SftpConnection.OpenAsync(place, command, time, _stop.Token), CancellationToken.None), time);
    }

    /// <summary>A connection for a short query; simultaneous callers share the one that is opening.</summary>
    public Task<SftpConnection> GetAsync(CancellationToken cancellationToken) => Choose(lines => lines.Any()).Opening.WaitAsync(cancellationToken);

    /// <summary>A connection for a copy. Waits while as many files are open as the server allows.</summary>
    /// <param name="size">Bytes to send.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async Task<SftpLease> TakeAsync(long size, CancellationToken cancellationToken)
    {
        var weight = SftpLines.WeightOf(size);

        // The cause of a failed first connection (host key, login, network) applies to all copies, so a single attempt finds it.
        await GetAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var line = Choose(lines => lines.ForCopy(weight));
            try
            {
                var connection = await line.Opening.WaitAsync(cancellationToken).ConfigureAwait(false);
                await connection.Files.WaitAsync(cancellationToken).ConfigureAwait(false);
                return new SftpLease(connection, () =>
                {
                    connection.Files.Release();
                    GiveBack(line, weight);
                });
            }
            catch (FailureException) when (CanDoWithout(line))
            {
                GiveBack(line, weight);
            }
            catch
            {
                GiveBack(line, weight);
                throw;
            }
        }
    }

    /// <summary>An open connection; null when there is none. Opens none.</summary>
    public SftpConnection? Open
    {
        get
        {
            lock (_gate) return _lines.All.FirstOrDefault(line => line.IsOpen)?.Opening.GetAwaiter().GetResult();
        }
    }

    /// <summary>Makes a call on a connection.</summary>
    /// <param name="operation">The operation, as a verb.</param>
    /// <param name="subject">Its object: a path below the root.</param>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Cancels the wait for the answer.</param>
    public async Task<T> CallAsync<T>(string operation, string subject, Func<SftpSession, Task<T>> call, CancellationToken cancellationToken)
    {
        var connection = await GetAsync(cancellationToken).ConfigureAwait(false);
        return await CallAsync(connection, operation, subject, () => call(connection.Session), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes a call on the given connection.</summary>
    public async Task<T> CallAsync<T>(
        SftpConnection connection,
        string operation,
        string subject,
        Func<Task<T>> call,
        CancellationToken cancellationToken)
    {
        try
        {
            return await call().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (SftpStatusException e)
        {
            var space = e.Status == SftpStatus.Failure ? await SpaceAsync(connection).ConfigureAwait(false) : null;
            throw new FailureException(SftpFailure.From(e, operation, $"{_place}/{subject}", space), e);
        }
        catch (Exception e) when (SftpFailure.IsConnectionEnd(e))
        {
            throw new FailureException(await connection.WhyAsync(e, cancellationToken).ConfigureAwait(false), e);
        }
    }

    /// <summary>The folder whose file system is checked for space when a request fails without a reason.</summary>
    public required string Root { get; init; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _disposed = true;
            _ending.AddRange(_lines.All.Select(EndAsync));
        }

        // A host that does not answer would keep a connection opening for a minute.
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_ending).ConfigureAwait(false);
    }

    private SftpLine Choose(Func<SftpLines, SftpLine> choice)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _ending.RemoveAll(ended => ended.IsCompleted);
            _ending.AddRange(_lines.TakeGone().Select(EndAsync));
            return choice(_lines);
        }
    }

    private void GiveBack(SftpLine line, int weight)
    {
        lock (_gate) line.Load -= weight;
    }

    private bool CanDoWithout(SftpLine line)
    {
        lock (_gate) return _lines.Drop(line);
    }

    // Never fails: a connection that failed to open needs no end.
    private static async Task EndAsync(SftpLine line)
    {
        await line.Opening.ContinueWith(
            opened => _ = opened.Exception,
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default).ConfigureAwait(false);
        if (line.Opening.IsCompletedSuccessfully) await (await line.Opening.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
    }

    private async Task<SftpSpace?> SpaceAsync(SftpConnection connection)
    {
        try
        {
            return await connection.Session.SpaceAsync(Root).ConfigureAwait(false);
        }
        catch (Exception e) when (SftpFailure.IsConnectionEnd(e))
        {
            return null;
        }
    }
}
