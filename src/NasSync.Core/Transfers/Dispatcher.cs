using NasSync.Ledgers;
using NasSync.Planning;
using NasSync.Processes;

namespace NasSync.Transfers;

/// <summary>
/// Brings planned items to their lanes and from there to a <see cref="TransferSession"/>, and takes their outcomes: what may pass is tried again, the
/// rest is handed on. Items whose lanes have a free slot share one read of the source; the others wait for their lane and read it by themselves
/// later.
/// </summary>
/// <param name="lanes">The destinations of the run.</param>
/// <param name="threads">For what blocks its thread.</param>
/// <param name="retries">Says whether and when a failed item is tried again.</param>
/// <param name="unrecorded">Told of each copy that is about to get its name.</param>
/// <param name="patience">How long one place is waited for.</param>
/// <param name="time">The clock.</param>
/// <param name="emit">Told what happens.</param>
/// <param name="take">Given each final outcome, from any thread.</param>
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

    /// <summary>Refuse sources that have another name too.</summary>
    public bool RefuseHardLinks { get; init; }

    /// <summary>Done when every item has its outcome; called once, after the last was started.</summary>
    public Task NoneAsync() => _underWay.NoneAsync();

    /// <summary>Carries the items of one artifact. Returns when each has its place in a lane, or has waited for one.</summary>
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

        foreach (var next in lanes.Of(outcome.Item.Target!).Leave(outcome.Item)) Transfer([next], cancellationToken);
        if (again is not null) return;
        retries.Forget(outcome.Item);
        _underWay.Remove();
    }

    // Without its slot: while one item waits, the others of its lane go on.
    private async Task TryAgainAsync(Outcome outcome, TimeSpan delay, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
            if (await lanes.Of(outcome.Item.Target!).EnterAsync(outcome.Item, cancellationToken).ConfigureAwait(false))
                Transfer([outcome.Item], cancellationToken);
        }
        catch (OperationCanceledException)
        {
            take(outcome);
            _underWay.Remove();
        }
    }
}
