using System.Collections.Concurrent;
using NasSync.Failures;
using NasSync.Ledgers;
using NasSync.Planning;
using NasSync.Processes;

namespace NasSync.Transfers;

/// <summary>
/// Removes a source once every copy of it is recorded, where the route says <c>release: delete</c>. One copy that failed, was skipped or was not
/// approved keeps the source; so does a source that changed, one that someone still writes or may write, one that is the very file a copy is, and one
/// whose manifest was written anew. While a ledger is rebuilt, and where only the ledger speaks for one of the copies, nothing is removed. The run
/// that makes the last copies proves the others anew beforehand (<see cref="ToProve"/>); where it does not, the next run proves every copy
/// (<see cref="Planner"/>) and removes the source then.
/// </summary>
internal sealed class Releases(Ledger ledger, FinishedSources finished, TimeProvider time, Action<TransferEvent> emit)
{
    // A copy that was there already was read when the artifact was planned, and is trusted for this long. Making the other copy may take hours, in
    // which the first one can disappear.
    private static readonly TimeSpan TrustedFor = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Artifact, Pending> _pending = new(ReferenceEqualityComparer.Instance as IEqualityComparer<Artifact>);

    private readonly ManifestGenerations _generations = new();

    /// <summary>The plan, with each item marked whose source goes once all of the artifact's items are recorded.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="isAbout">Whether the run is about an item; one that it leaves out is not recorded, and the source stays.</param>
    public static TransferPlan Foretell(TransferPlan plan, Func<PlanItem, bool> isAbout)
    {
        if (!plan.Items.Any(item => item.Release == ReleasePolicy.Delete)) return plan;
        var going = plan.Items
            .GroupBy(item => item.Artifact, ReferenceEqualityComparer.Instance)
            .Where(artifact => artifact.All(item => MayRelease(item) && isAbout(item)))
            .Select(artifact => artifact.Key)
            .ToHashSet(ReferenceEqualityComparer.Instance);
        return new([.. plan.Items.Select(item => going.Contains(item.Artifact) ? item with { RemovesSource = true } : item)]);
    }

    /// <summary>
    /// The artifacts of which this run makes the last copies, so that their sources can go, and of whose other copies only the ledger speaks: these
    /// are to be proven anew.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="isAbout">Whether the run is about an item.</param>
    /// <param name="hasFailed">
    /// Whether an artifact failed before. It may fail again in run after run, and each of them would read its other copies; so none of them does.
    /// </param>
    public static HashSet<Artifact> ToProve(TransferPlan plan, Func<PlanItem, bool> isAbout, Func<PlanItem, bool> hasFailed)
    {
        var due = new HashSet<Artifact>(ReferenceEqualityComparer.Instance as IEqualityComparer<Artifact>);
        if (!plan.Items.Any(IsLast)) return due;
        foreach (var artifact in plan.Items.GroupBy(item => item.Artifact, ReferenceEqualityComparer.Instance))
        {
            if (artifact.Any(IsLast) && artifact.Any(IsKnown) && artifact.All(MayGo)) due.Add((Artifact)artifact.Key!);
        }

        return due;

        bool MayGo(PlanItem item) => (IsKnown(item) || MayRelease(item)) && isAbout(item) && !hasFailed(item);

        static bool IsLast(PlanItem item) => item is { Release: ReleasePolicy.Delete, Action: PlanAction.Copy };

        static bool IsKnown(PlanItem item) => item is { Release: ReleasePolicy.Delete, Action: PlanAction.Unchanged, Source: not null };
    }

    /// <summary>Tells all items of one artifact before any of them has an outcome.</summary>
    public void Expect(IReadOnlyList<PlanItem> items)
    {
        if (ledger.IsRebuilding || !items.All(MayRelease)) return;
        if (items.Count > 0) _pending[items[0].Artifact] = new Pending(items.Count, time.GetTimestamp());
    }

    /// <summary>The artifacts of which every copy is recorded with these: their sources go next.</summary>
    public List<SourceName> DueWith(IEnumerable<PlanItem> items) =>
    [
        .. items
            .GroupBy(item => item.Artifact, ReferenceEqualityComparer.Instance as IEqualityComparer<Artifact>)
            .Where(group => _pending.TryGetValue(group.Key, out var pending) && pending.Copies.Count + group.Count() >= pending.Open)
            .Select(group => new SourceName(group.First().JobId, group.Key.Path)),
    ];

    /// <summary>One copy will not come, so the source stays.</summary>
    public void Keep(PlanItem item) => _pending.TryRemove(item.Artifact, out _);

    /// <summary>One copy is in the ledger.</summary>
    /// <param name="item">Its item.</param>
    /// <param name="receipt">Its receipt.</param>
    /// <param name="source">The source as it was found to have the copy's content; null: as it was planned.</param>
    /// <returns>What the ledger must be told: that the source, which it says may be gone, stays; null when there is nothing to tell.</returns>
    public StayingSource? Recorded(PlanItem item, CommitReceipt receipt, FileState? source)
    {
        if (!_pending.TryGetValue(item.Artifact, out var pending)) return null;
        pending.Copies.Add(receipt.Target);
        pending.HasAdopted |= item.Action == PlanAction.Adopt;
        pending.HasMade |= item.Action == PlanAction.Copy;
        pending.Source = source ?? item.Source;
        pending.Sha256 ??= receipt.Sha256;
        if (pending.Copies.Count < pending.Open) return null;
        _pending.TryRemove(item.Artifact, out _);
        if (pending is { HasAdopted: true, HasMade: true } && time.GetElapsedTime(pending.Since) > TrustedFor)
        {
            emit(new TransferEvent.Warned(KeptSource.ReadLongAgo(item.Manifest, item.Artifact)));
            return new StayingSource(new SourceName(item.JobId, item.Artifact.Path), null);
        }

        return IsGoneAfter(item, pending, out var failure) ? null : new StayingSource(new SourceName(item.JobId, item.Artifact.Path), failure);
    }

    private bool IsGoneAfter(PlanItem item, Pending pending, out Failure? failure)
    {
        failure = null;
        try
        {
            using var folder = SourceFolder.Open(item.Manifest);
            if (!_generations.IsCurrent(item.Manifest, folder)) return false;
            CrashPoint.Reach(CrashPoint.Releasing);
            var outcome = folder.Release(item.Artifact, pending.Source!.Value, pending.Sha256, pending.Copies, finished.IsFinished(item.Artifact));
            if (KeptSource.Because(outcome, item.Manifest, item.Artifact) is { } kept) emit(new TransferEvent.Warned(kept));
            if (outcome != SourceRelease.Removed) return false;
            CrashPoint.Reach(CrashPoint.Released);
            emit(new TransferEvent.Released(item.Manifest, item.Artifact));
            return true;
        }
        catch (FailureException e) when (e.Failure.Class == FailureClass.Gone)
        {
            // The job has moved, or someone else removed the file: nothing is left to remove here.
            return true;
        }
        catch (Exception e)
        {
            failure = SystemFailure.FromException(e, "remove", item.Artifact.Path);
            return false;
        }
    }

    private static bool MayRelease(PlanItem item) => item is { Release: ReleasePolicy.Delete, Action: PlanAction.Copy or PlanAction.Adopt };

    /// <summary>A source that was to be removed and stays.</summary>
    /// <param name="Name">The source.</param>
    /// <param name="Failure">What kept it from being removed; null: it was not to be removed after all.</param>
    internal sealed record StayingSource(SourceName Name, Failure? Failure);

    private sealed record Pending(int Open, long Since)
    {
        public bool HasAdopted { get; set; }

        public bool HasMade { get; set; }

        public List<FileState?> Copies { get; } = [];

        public FileState? Source { get; set; }

        public string? Sha256 { get; set; }
    }
}
