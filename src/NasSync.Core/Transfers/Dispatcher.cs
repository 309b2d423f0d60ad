using NasSync.Ledgers;
using NasSync.Planning;
using NasSync.Processes;

namespace NasSync.Transfers;

/// <summary>
/// Puts planned items into their lanes and from there into a <see cref="TransferSession"/>, and handles their outcomes: passing failures are retried,
/// other outcomes are handed on. Items whose lanes have a free slot share one read of the source; the others wait for a slot and read the source
/// again later.
/// </summary>
/// <param name="lanes">The destinations of the run.</param>
/// <param name="threads">The threads for blocking calls.</param>
/// <param name="retries">Decides whether and when a failed item is tried again.</param>
/// <param name="unrecorded">Notes each copy that is about to get its final name.</param>
/// <param name="patience">The limits on waiting for one place.</param>
/// <param name="time">The clock.</param>
/// <param name="emit">Called with each event.</param>
/// <param name="take">Called with each final outcome, from any thread.</param>
internal sealed class Dispatcher(
    Lanes lanes,
    WorkerThreads threads,
    Retries retries,
    UnrecordedCopies unrecorded,
    Patience patience,
    TimeProvider time,
    Action<TransferEvent> emit,
    Action<Outcome> take)
{
    private readonly ItemsUnderWay _underWay = new();
    private volatile bool _hasLeftSome;

    /// <summary>Whether to refuse sources that have another name too (hard links).</summary>
    public bool RefuseHardLinks { get; init; }

    /// <inheritdoc cref="SyncRequest.StopBeginning"/>
    public CancellationToken StopBeginning { get; init; }

    /// <summary>Whether items did not get their turn because of <see cref="StopBeginning"/>.</summary>
    public bool HasLeftSome => _hasLeftSome;

    /// <summary>Completes when every item has its outcome. Call it once, after the last item was started.</summary>
    public Task NoneAsync() => _underWay.NoneAsync();

    /// <summary>Starts the items of one artifact. Returns when each has a slot or a place in the backlog of its lane.</summary>
    public async Task StartAsync(List<PlanItem> items, CancellationToken cancellationToken)
    {
        var now = new List<PlanItem>(items.Count);
        foreach (var item in items)
        {
            _underWay.Add();
            try
            {
                if (await lanes.Of(item.Target!).EnterAsync(item, cancellationToken).ConfigureAwait(false)) now.Add(item);
            }
            catch
            {
                _underWay.Remove();
                foreach (var entered in now) Tell(new Outcome(entered, null, null, TimeSpan.Zero), cancellationToken);
                throw;
            }
        }

        if (now.Count > 0) Transfer(now, cancellationToken);
    }

    private void Transfer(IReadOnlyList<PlanItem> items, CancellationToken cancellationToken)
    {
        var copies = items.Select(Copy).ToList();
        var session = new TransferSession(copies, threads, patience, time, emit) { RefuseHardLinks = RefuseHardLinks };
        if (copies.TrueForAll(copy => !copy.Blocks)) threads.Begin(() => session.RunAsync(cancellationToken));
        else threads.Run(() => Sleep.Until(session.RunAsync(cancellationToken)));

        CopyInProgress Copy(PlanItem item)
        {
            var lane = lanes.Of(item.Target!);
            CopyInProgress? copy = null;
            copy = new CopyInProgress(item, lane.Destination, blocks: !lane.IsRemote, time, Intend, outcome =>
            {
                lane.Remove(copy!);
                Tell(outcome, cancellationToken);
            });
            lane.Add(copy);
            return copy;
        }
    }

    // After a stop an item still passes through a session, which ends it at once and frees its slot for the next one.
    private void TransferNext(PlanItem item, CancellationToken cancellationToken)
    {
        if (!StopBeginning.IsCancellationRequested)
        {
            Transfer([item], cancellationToken);
            return;
        }

        _hasLeftSome = true;
        Transfer([item], StopBeginning);
    }

    private void Intend(PlanItem item, string? sha256) => unrecorded.Add(
        new UnrecordedCopy
        {
            JobId = item.JobId,
            Artifact = item.Artifact.Path,
            Requested = item.Requested ?? item.Target!,
            Target = item.Target!,
            Source = item.Source!.Value,
            Sha256 = sha256,
            Generation = item.Manifest.Generation,
        },
        durable: item.Release == ReleasePolicy.Delete);

    private void Tell(Outcome outcome, CancellationToken cancellationToken)
    {
        var again = outcome.Failure is { } failure ? retries.DelayAfter(outcome.Item, failure, outcome.ResumedAt) : null;
        if (again is { } delay)
        {
            emit(new TransferEvent.Retrying(outcome.Item, outcome.Failure!, delay));
            _ = TryAgainAsync(outcome, delay, cancellationToken);
        }
        else if (outcome.Failure is not null || outcome.Receipt is not null)
        {
            take(outcome);
        }

        foreach (var next in lanes.Of(outcome.Item.Target!).Leave(outcome.Item)) TransferNext(next, cancellationToken);
        if (again is not null) return;
        retries.Forget(outcome.Item);
        _underWay.Remove();
    }

    // Frees the slot during the delay, so that other items of the lane continue.
    private async Task TryAgainAsync(Outcome outcome, TimeSpan delay, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, StopBeginning);
        try
        {
            await Task.Delay(delay, time, either.Token).ConfigureAwait(false);
            if (await lanes.Of(outcome.Item.Target!).EnterAsync(outcome.Item, either.Token).ConfigureAwait(false))
                Transfer([outcome.Item], cancellationToken);
        }
        catch (OperationCanceledException)
        {
            take(outcome);
            _underWay.Remove();
        }
    }
}
