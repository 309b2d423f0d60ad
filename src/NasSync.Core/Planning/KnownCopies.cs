using System.Runtime.InteropServices;

namespace NasSync.Planning;

/// <summary>What the ledger has of one job after the other, as far as a plan of unchanged items needs it; its room is used again for each.</summary>
internal sealed class KnownCopies
{
    private readonly List<KnownCopy> _rows = [];
    private readonly List<(string Artifact, Target Requested)> _expected = [];

    /// <summary>How many copies are known.</summary>
    public int Count => _rows.Count;

    /// <summary>A copy, in the ledger's order.</summary>
    public ref readonly KnownCopy this[int index] => ref CollectionsMarshal.AsSpan(_rows)[index];

    /// <summary>What the next row probably says, so that what it does say need not be made once more; null: nothing is expected.</summary>
    public (string Artifact, Target Requested)? Next => _rows.Count < _expected.Count ? _expected[_rows.Count] : null;

    /// <summary>Takes what a world knows of a job.</summary>
    public void Read(string jobId, IReadOnlyList<RouteDecision> decisions, IObservations world)
    {
        Clear();
        Expect(decisions);
        if (world is IKnowsCopies knows) knows.Know(jobId, this);
        else foreach (var row in world.OfJob(jobId)) Add(KnownCopy.Of(row));
    }

    /// <summary>Expects a row of each wish, in the manifest's order.</summary>
    public void Expect(IReadOnlyList<RouteDecision> decisions)
    {
        _expected.Clear();
        foreach (var decision in decisions)
            foreach (var target in decision.Targets) _expected.Add((decision.Artifact.Path, target));
    }

    public void Clear() => _rows.Clear();

    public void Add(in KnownCopy row) => _rows.Add(row);

    /// <summary>Where the copy of each wish stands here; the ledger has one for each.</summary>
    public Dictionary<(string Artifact, string Key), int> ByWish()
    {
        var all = new Dictionary<(string Artifact, string Key), int>(_rows.Count);
        for (var i = 0; i < _rows.Count; i++) all[(_rows[i].Artifact, _rows[i].Requested.Key)] = i;
        return all;
    }
}
