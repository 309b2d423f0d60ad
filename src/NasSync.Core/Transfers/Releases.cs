using System.Collections.Concurrent;
using NasSync.Failures;
using NasSync.Ledgers;
using NasSync.Planning;
using NasSync.Processes;

namespace NasSync.Transfers;

/// <summary>
/// Removes a source once every copy of it is recorded, where the route says <c>release: delete</c>. The source stays if one copy failed, was
/// skipped or was not approved; if the source changed, is or may be still written, or is the same file as a copy; and if its manifest was
/// rewritten. Nothing is removed while a ledger is rebuilt, or if only the ledger vouches for one of the copies. The run that makes the last copies
/// verifies the others beforehand (<see cref="ToProve"/>); if it does not, the next run verifies every copy (<see cref="Planner"/>) and then
/// removes the source. A copy that was made long before the last one is looked at again (<see cref="SecondLook"/>).
/// </summary>
internal sealed class Releases(Ledger ledger, FinishedSources finished, SecondLook look, TimeProvider time, Action<TransferEvent> emit)
{
    private readonly ConcurrentDictionary<Artifact, Pending> _pending = new(ReferenceEqualityComparer.Instance as IEqualityComparer<Artifact>);

    private readonly ManifestGenerations _generations = new();

    /// <summary>The plan, with a mark on each item whose source is removed once all items of the artifact are recorded.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="isAbout">Whether the run executes an item; an omitted item is not recorded, so its source stays.</param>
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
    /// The artifacts whose last copies this run makes, so that their sources can go, and whose other copies are only recorded in the ledger. Those
    /// copies must be verified again.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="isAbout">Whether the run executes an item.</param>
    /// <param name="hasFailed">
    /// Whether an artifact failed before. Such an artifact is left out: if it fails in every run, reading its other copies each time is useless.
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

    /// <summary>Announces all items of one artifact, before any of them has an outcome.</summary>
    public void Expect(IReadOnlyList<PlanItem> items)
    {
        if (ledger.IsRebuilding || !items.All(MayRelease)) return;
        if (items.Count > 0) _pending[items[0].Artifact] = new Pending(items.Count, time.GetTimestamp());
    }

    /// <summary>The sources whose last copies are among these items, so that the sources can go next.</summary>
    public List<SourceName> DueWith(IEnumerable<PlanItem> items) =>
    [
        .. items
            .GroupBy(item => item.Artifact, ReferenceEqualityComparer.Instance as IEqualityComparer<Artifact>)
            .Where(group => _pending.TryGetValue(group.Key, out var pending) && pending.Copies.Count + group.Count() >= pending.Open)
            .Select(group => new SourceName(group.First().JobId, group.Key.Path)),
    ];

    /// <summary>Notes that a copy will not be made, so the source stays.</summary>
    public void Keep(PlanItem item) => _pending.TryRemove(item.Artifact, out _);

    /// <summary>
    /// The copies to look at again before <see cref="Recorded"/> is called for the last copy of a source; empty for any other copy.
    /// </summary>
    public IReadOnlyList<ProvenCopy> ToLookAt(PlanItem last, ProvenCopy copy)
    {
        if (!_pending.TryGetValue(last.Artifact, out var pending) || pending.Copies.Count + 1 < pending.Open) return [];
        return [.. pending.Copies.Append(copy).Where(look.IsDueFor)];
    }

    /// <summary>Notes that a copy is recorded, and removes the source after the last one.</summary>
    /// <param name="item">Its item.</param>
    /// <param name="copy">The copy.</param>
    /// <param name="source">The state of the source when it was proven to have the copy's content; null when that is the planned state.</param>
    /// <param name="doubt">What speaks against one of the copies of <see cref="ToLookAt"/>, as a clause; null when nothing does.</param>
    /// <returns>A source that stays although the ledger says that it may be gone, so that the ledger can be corrected; otherwise null.</returns>
    public StayingSource? Recorded(PlanItem item, ProvenCopy copy, FileState? source, string? doubt)
    {
        if (!_pending.TryGetValue(item.Artifact, out var pending)) return null;
        pending.Copies.Add(copy);
        pending.HasAdopted |= item.Action == PlanAction.Adopt;
        pending.HasMade |= item.Action == PlanAction.Copy;
        pending.Source = source ?? item.Source;
        pending.Sha256 ??= copy.Receipt.Sha256;
        if (pending.Copies.Count < pending.Open) return null;
        _pending.TryRemove(item.Artifact, out _);
        var name = new SourceName(item.JobId, item.Artifact.Path);
        if (WhyDoubted(item, pending, doubt) is { } kept)
        {
            emit(new TransferEvent.Warned(kept));
            return new StayingSource(name, null) { IsDoubted = true };
        }

        return IsGoneAfter(item, pending, out var failure) ? null : new StayingSource(name, failure);
    }

    // A copy of an earlier run was read at planning. If the others took long, only reading it once more would prove it.
    private Notice? WhyDoubted(PlanItem item, Pending pending, string? doubt)
    {
        if (doubt is not null) return KeptSource.Doubted(item.Manifest, item.Artifact, doubt);
        return pending is { HasAdopted: true, HasMade: true } && time.GetElapsedTime(pending.Since) > SecondLook.TrustedFor
            ? KeptSource.ReadLongAgo(item.Manifest, item.Artifact)
            : null;
    }

    private bool IsGoneAfter(PlanItem item, Pending pending, out Failure? failure)
    {
        failure = null;
        try
        {
            using var folder = SourceFolder.Open(item.Manifest);
            if (!_generations.IsCurrent(item.Manifest, folder)) return false;
            CrashPoint.Reach(CrashPoint.Releasing);
            var copies = pending.Copies.Select(copy => copy.Receipt.Target);
            var outcome = folder.Release(item.Artifact, pending.Source!.Value, pending.Sha256, copies, finished.IsFinished(item.Artifact));
            if (KeptSource.Because(outcome, item.Manifest, item.Artifact) is { } kept) emit(new TransferEvent.Warned(kept));
            if (outcome != SourceRelease.Removed) return false;
            CrashPoint.Reach(CrashPoint.Released);
            emit(new TransferEvent.Released(item.Manifest, item.Artifact));
            return true;
        }
        catch (FailureException e) when (e.Failure.Class == FailureClass.Gone)
        {
            // The job was moved, or someone else removed the file, so nothing is left to remove.
            return true;
        }
        catch (Exception e)
        {
            failure = SystemFailure.FromException(e, "remove", item.Artifact.Path);
            return false;
        }
    }

    private static bool MayRelease(PlanItem item) => item is { Release: ReleasePolicy.Delete, Action: PlanAction.Copy or PlanAction.Adopt };

    /// <summary>A source that should have been removed and stays.</summary>
    /// <param name="Name">The source.</param>
    /// <param name="Failure">Why it could not be removed; null when it must not be removed after all.</param>
    internal sealed record StayingSource(SourceName Name, Failure? Failure)
    {
        /// <summary>Whether it stays because one of its copies may not be there any more.</summary>
        public bool IsDoubted { get; init; }
    }

    private sealed record Pending(int Open, long Since)
    {
        public bool HasAdopted { get; set; }

        public bool HasMade { get; set; }

        public List<ProvenCopy> Copies { get; } = [];

        public FileState? Source { get; set; }

        public string? Sha256 { get; set; }
    }
}
