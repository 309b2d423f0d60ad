using System.Collections.Concurrent;
using NasSync.Failures;

namespace NasSync.Transfers;

/// <summary>
/// Removes a source once every copy of it is recorded, where the route says <c>release: delete</c>. One copy that failed, was skipped or was not
/// approved keeps the source; so does a source that changed, and one that is the very file a copy is.
/// </summary>
internal sealed class Releases(Action<TransferEvent> emit)
{
    private readonly ConcurrentDictionary<Artifact, Pending> _pending = new(ReferenceEqualityComparer.Instance as IEqualityComparer<Artifact>);

    /// <summary>Tells all items of one artifact before any of them has an outcome.</summary>
    public void Expect(IReadOnlyList<PlanItem> items)
    {
        if (items.Any(item => item.Release == ReleasePolicy.Keep)) return;
        if (items.Any(item => item.Action is PlanAction.Refuse or PlanAction.Skip)) return;
        var open = items.Count(item => item.Action is PlanAction.Copy or PlanAction.Adopt);
        if (open > 0) _pending[items[0].Artifact] = new Pending(open);
    }

    /// <summary>One copy is in the ledger.</summary>
    public void Recorded(PlanItem item, CommitReceipt receipt)
    {
        if (!_pending.TryGetValue(item.Artifact, out var pending)) return;
        pending.Copies.Add(receipt.Target);
        if (pending.Copies.Count < pending.Open) return;
        _pending.TryRemove(item.Artifact, out _);
        try
        {
            using var folder = SourceFolder.Open(item.Manifest);
            if (folder.Release(item.Artifact, item.Source!.Value, pending.Copies)) emit(new TransferEvent.Released(item.Manifest, item.Artifact));
        }
        catch (Exception e)
        {
            emit(new TransferEvent.Failed(Recorder.SubjectOf(item), SystemFailure.FromException(e, "remove", item.Artifact.Path.Value), item));
        }
    }

    private sealed record Pending(int Open)
    {
        public List<FileState?> Copies { get; } = [];
    }
}
