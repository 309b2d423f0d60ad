using NasSync.Ledgers;
using NasSync.Planning;

namespace NasSync.Verifying;

/// <summary>
/// Holds back the findings for copies that no repair can make again, until all copies are checked, because another intact copy of
/// the same bytes may still be found. Thread-safe.
/// </summary>
/// <param name="ledger">The ledger, which lists the other copies.</param>
internal sealed class LastCopies(Ledger ledger)
{
    // Keeps memory bounded. Beyond this number, findings are released early, and other copies that were not checked yet count as the ledger says.
    private const int MostHeld = 10_000;
    private readonly object _gate = new();
    private List<CopyFinding> _held = [];

    /// <summary>Takes a finding, and returns those that can be reported now.</summary>
    public IReadOnlyList<CopyFinding> Take(CopyFinding finding)
    {
        if (finding.Repair != RepairKind.Impossible) return [finding];
        lock (_gate)
        {
            _held.Add(finding);
            return _held.Count < MostHeld ? [] : Release();
        }
    }

    /// <summary>Returns the remaining findings, once all copies are checked.</summary>
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
