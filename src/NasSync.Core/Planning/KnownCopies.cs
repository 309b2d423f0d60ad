using System.Runtime.InteropServices;

namespace NasSync.Planning;

/// <summary>What the ledger knows of one job, as far as planning unchanged items needs it. The instance is reused for job after job.</summary>
internal sealed class KnownCopies
{
    private readonly List<KnownCopy> _rows = [];
    private readonly List<(string Artifact, Target Requested)> _expected = [];

    /// <summary>The number of copies.</summary>
    public int Count => _rows.Count;

    /// <summary>A copy, in the ledger's order.</summary>
    public ref readonly KnownCopy this[int index] => ref CollectionsMarshal.AsSpan(_rows)[index];

    /// <summary>The expected content of the next row, so that its texts need not be allocated again; null when nothing is expected.</summary>
    public (string Artifact, Target Requested)? Next => _rows.Count < _expected.Count ? _expected[_rows.Count] : null;

    /// <summary>Reads a job's copies.</summary>
    public void Read(string jobId, IReadOnlyList<RouteDecision> decisions, IObservations world)
    {
        Clear();
        Expect(decisions);
        if (world is IKnowsCopies knows) knows.Know(jobId, this);
        else foreach (var row in world.OfJob(jobId)) Add(KnownCopy.Of(row));
    }

    /// <summary>Expects one row for each wish, in the manifest's order.</summary>
    public void Expect(IReadOnlyList<RouteDecision> decisions)
    {
        _expected.Clear();
        foreach (var decision in decisions)
            foreach (var target in decision.Targets) _expected.Add((decision.Artifact.Path, target));
    }

    public void Clear() => _rows.Clear();

    public void Add(in KnownCopy row) => _rows.Add(row);

    /// <summary>The index of each wish's copy; the ledger has at most one per wish.</summary>
    public Dictionary<(string Artifact, string Key), int> ByWish()
    {
        var all = new Dictionary<(string Artifact, string Key), int>(_rows.Count);
        for (var i = 0; i < _rows.Count; i++) all[(_rows[i].Artifact, _rows[i].Requested.Key)] = i;
        return all;
    }
}
