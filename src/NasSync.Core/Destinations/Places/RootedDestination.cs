using NasSync.Destinations.Pipeline;

namespace NasSync.Destinations.Places;

/// <summary>
/// Checks the root of a place on a server before anything is created there, and before anything is reported missing. A volume that is not mounted
/// leaves an empty folder or none; copies there would fill the wrong disk, the next mount would hide them, and their sources might be released. A
/// root in which a file was found needs no check, and one check holds for the lifetime of the destination.
/// </summary>
internal sealed class RootedDestination(IDestination inner, IRooted server, ServerPlace place) : DestinationDecorator(inner), IMakesRoot
{
    private readonly SemaphoreSlim _looking = new(1);
    private volatile bool _isBelieved;
    private int _isRemembered;

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync().ConfigureAwait(false);
        _looking.Dispose();
    }

    /// <inheritdoc/>
    public async ValueTask<string?> RootToMakeAsync(CancellationToken cancellationToken)
    {
        // An accepted root does not count as known: the intended volume may be absent just now.
        if (place is { HoldsCopies: true, IsAccepted: false }) return null;
        return await server.LookAtRootAsync(cancellationToken).ConfigureAwait(false) == RootState.Missing ? server.Root : null;
    }

    /// <inheritdoc/>
    protected override async ValueTask<T> Around<T>(DestinationCall operation, Func<ValueTask<T>> call, CancellationToken cancellationToken)
    {
        if (operation == DestinationCall.Begin) await RequireAsync(cancellationToken).ConfigureAwait(false);
        var answer = await call().ConfigureAwait(false);
        if (operation == DestinationCall.Adopt && Interlocked.Exchange(ref _isRemembered, 1) == 0) Remember();
        if (operation is not (DestinationCall.Stat or DestinationCall.Hash or DestinationCall.List)) return answer;
        if (answer is null or List<DestinationEntry> { Count: 0 }) await RequireAsync(cancellationToken).ConfigureAwait(false);
        else _isBelieved = true;
        return answer;
    }

    /// <inheritdoc/>
    protected override async ValueTask<T> AroundCommit<T>(long size, Func<ValueTask<T>> call, CancellationToken cancellationToken)
    {
        var receipt = await call().ConfigureAwait(false);
        if (Interlocked.Exchange(ref _isRemembered, 1) == 0) Remember();
        return receipt;
    }

    private async ValueTask RequireAsync(CancellationToken cancellationToken)
    {
        if (_isBelieved) return;
        await _looking.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_isBelieved) return;
            if (place.HoldsCopies && await server.LookAtRootAsync(cancellationToken).ConfigureAwait(false) is var state and not RootState.Used)
                throw new FailureException(NotMounted(state));
            _isBelieved = true;
        }
        finally
        {
            _looking.Release();
        }
    }

    // The copy is committed and will be recorded, which tells the next run the same.
    private void Remember()
    {
        try
        {
            place.HoldsCopy();
        }
        catch (FailureException)
        {
            _isRemembered = 0;
        }
    }

    private Failure NotMounted(RootState state) => new(
        FailureClass.Unavailable,
        "DestinationUnavailable",
        $"{Failure.Quote(server.Root)} is {(state == RootState.Missing ? "not there" : "empty")}, although copies in it are recorded: "
            + "its volume may not be mounted; nothing was written.",
        $"Mount the volume on the server; the next run tries again. If the folder was emptied or removed on purpose, run: "
            + $"nassync destination accept {Failure.Quote(place.Name)}; "
            + "one that others empty again and again needs a file that stays, such as .keep.");
}
