using NasSync.Ledgers;
using NasSync.Planning;

namespace NasSync.Verifying;

/// <summary>
/// Holds back what was found of copies that no repair can make again, until all copies were looked at: only then is it known whether another copy
/// of the same bytes is left. Safe to call from every thread of the run.
/// </summary>
/// <param name="ledger">Knows the other copies.</param>
internal sealed class LastCopies(Ledger ledger)
{
    // So that memory stays bounded; of what is more than this, the ledger's word of the other copies is told.
    private const int MostHeld = 10_000;
    private readonly object _gate = new();
    private List<CopyFinding> _held = [];

    /// <summary>What can be told now, after a copy was looked at.</summary>
    public IReadOnlyList<CopyFinding> Take(CopyFinding finding)
    {
        if (finding.Repair != RepairKind.Impossible) return [finding];
        lock (_gate)
        {
            _held.Add(finding);
            return _held.Count < MostHeld ? [] : Release();
        }
    }

    /// <summary>The rest, once all copies were looked at.</summary>
    public IReadOnlyList<CopyFinding> TakeAll()
    {
        lock (_gate) return Release();
    }

    private List<CopyFinding> Release()
    {
        var held = _held;
        _held = [];
        var lost = held.Select(finding => (finding.JobId, finding.Artifact, finding.Copy.Target.Key)).ToHashSet();
        return held.ConvertAll(finding => Told(finding, lost));
    }

    private CopyFinding Told(CopyFinding finding, HashSet<(string, string, string)> lost)
    {
        var others = OtherCopies.Of(ledger.OfJob(finding.JobId), finding.Copy);
        var left = others.FindAll(other => !lost.Contains((other.JobId, other.Artifact, other.Target.Key)));
        if (left.Count > 0) return finding with { RepairReason = finding.RepairReason + OtherCopies.Words(left) };
        if (!finding.IsSourceGone) return finding;
        var none = others.Count == 0 ? "no other copy is recorded" : "no intact copy is left";
        return finding with { RepairReason = $"{finding.RepairReason}, and {none}: put the source or a backup of the copy back", NoCopyLeft = true };
    }
}
