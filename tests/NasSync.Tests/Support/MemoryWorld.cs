using System.Globalization;
using NasSync.Planning;

namespace NasSync.Tests.Support;

/// <summary>
/// Sources, destinations and ledger in memory. <see cref="CarryOut"/> executes a plan as strictly as the real engine: a copy that must not
/// replace anything fails if the target exists. Names are case-sensitive. It counts the planner's questions.
/// </summary>
internal sealed class MemoryWorld : IObservations
{
    private readonly Dictionary<(string JobId, RelativePath Artifact), (FileState State, string Hash)> _sources = [];
    private readonly Dictionary<string, (FileState State, string Hash)> _files = new(StringComparer.Ordinal);
    private readonly List<RecordedCopy> _rows = [];
    private readonly Dictionary<string, List<UnrecordedCopy>> _unrecorded = new(StringComparer.Ordinal);
    private ulong _nextInode = 1000;

    /// <summary>How often the planner asked for the state or the hash of a target.</summary>
    public int TargetQuestions { get; private set; }

    /// <summary>How often the planner asked for a hash, which means that content is read.</summary>
    public int HashQuestions { get; private set; }

    /// <summary>The ledger's rows.</summary>
    public IReadOnlyList<RecordedCopy> Rows => _rows;

    /// <summary>The files at the destinations, by <see cref="Place"/>.</summary>
    public IReadOnlyDictionary<string, (FileState State, string Hash)> Files => _files;

    /// <summary>Returns the failure to throw when a target is asked about, or null to answer.</summary>
    public Func<Target, Failure?> TargetFails { get; set; } = _ => null;

    /// <summary>A target's location as one text.</summary>
    public static string Place(Target target) => $"{target.Destination}|{target.Root.TrimEnd('/')}/{target.Path}";

    /// <summary>Adds a source file; the text stands for its bytes, the text's length for its size.</summary>
    public MemoryWorld Source(string jobId, string artifact, string content, long mtimeNs = 1)
    {
        _sources[(jobId, RelativePath.Parse(artifact))] = (new(content.Length, mtimeNs, _nextInode++, 1), Hash(content));
        return this;
    }

    /// <summary>Changes a source file in place, so that its inode stays.</summary>
    public void EditSource(string jobId, string artifact, string content, long mtimeNs)
    {
        var key = (jobId, RelativePath.Parse(artifact));
        _sources[key] = (_sources[key].State with { Size = content.Length, MtimeNs = mtimeNs }, Hash(content));
    }

    /// <summary>Makes a source the same file as a target, as a hard link does.</summary>
    public void LinkSource(string jobId, string artifact, Target target) => _sources[(jobId, RelativePath.Parse(artifact))] = _files[Place(target)];

    /// <summary>Removes a source.</summary>
    public void RemoveSource(string jobId, string artifact) => _sources.Remove((jobId, RelativePath.Parse(artifact)));

    /// <summary>Adds a copy that a killed run was about to give its final name.</summary>
    public void Intend(UnrecordedCopy copy)
    {
        if (!_unrecorded.TryGetValue(copy.Target.Key, out var copies)) _unrecorded[copy.Target.Key] = copies = [];
        copies.Add(copy);
    }

    /// <summary>Whether files at the destinations have inodes. Default true.</summary>
    public bool HasInodes { get; init; } = true;

    /// <summary>Adds a file at a target, without a ledger row.</summary>
    public MemoryWorld Put(Target target, string content, long mtimeNs = 1)
    {
        _files[Place(target)] = (new(content.Length, mtimeNs, NextInode(), 2), Hash(content));
        return this;
    }

    /// <summary>Changes the bytes of a file and nothing else about it, as a failing disk does.</summary>
    public void Rot(Target target, string content) => _files[Place(target)] = (_files[Place(target)].State, Hash(content));

    /// <summary>Removes a file at a target; its ledger row stays.</summary>
    public void Remove(Target target) => _files.Remove(Place(target));

    /// <summary>Adds or changes a ledger row.</summary>
    public void Record(RecordedCopy row)
    {
        for (var i = 0; i < _rows.Count; i++)
            if (IsRowOf(_rows[i], row) && _rows[i] is { ReleasedAt: not null, SupersededBy: null } old && old.Target.Key != row.Target.Key)
                _rows[i] = old with { IsFormer = true };
        _rows.RemoveAll(old => IsRowOf(old, row));
        for (var i = 0; i < _rows.Count; i++)
            if (_rows[i].SupersededBy is null && _rows[i].Target.Key == row.Target.Key) _rows[i] = _rows[i] with { SupersededBy = row.JobId };
        _rows.Add(row);
    }

    /// <summary>Changes every row.</summary>
    public void EditRows(Func<RecordedCopy, RecordedCopy> edit)
    {
        for (var i = 0; i < _rows.Count; i++) _rows[i] = edit(_rows[i]);
    }

    /// <summary>Executes a plan.</summary>
    public void CarryOut(TransferPlan plan, VerifiedBy verifiedBy = VerifiedBy.ReadBack)
    {
        foreach (var item in plan.Items)
        {
            if (item.Action is not (PlanAction.Copy or PlanAction.Adopt)) continue;
            var place = Place(item.Target!);
            var source = item.IsSourceGone ? (State: item.Source!.Value, Hash: item.Sha256!) : _sources[(item.JobId, item.Artifact.RelativePath)];
            Assert.Equal(source.State, item.Source);
            if (item.Action == PlanAction.Copy)
            {
                Assert.Equal(_files.TryGetValue(place, out var there) ? there.State : null, item.Replaces);
                _files[place] = (new(source.State.Size, source.State.MtimeNs, NextInode(), 2), source.Hash);
                if (item.Respells is { } former && _files[Place(former.Target)].State == former.State) _files.Remove(Place(former.Target));
            }

            Assert.Equal(source.Hash, _files[place].Hash);
            var receipt = new CommitReceipt
            {
                Size = source.State.Size,
                Sha256 = source.Hash,
                VerifiedBy = verifiedBy,
                Durability = Durability.Fsynced,
                CommittedAt = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
                Target = _files[place].State,
            };
            Record(new RecordedCopy
            {
                JobId = item.JobId,
                Artifact = item.Artifact.Path,
                Requested = item.Requested!,
                Target = item.Target!,
                Source = source.State,
                Receipt = receipt,
                Generation = item.Manifest.Generation,
                IsAdopted = item.IsAdopted,
                ReleasedAt = item.IsSourceGone ? receipt.CommittedAt : null,
            });
        }
    }

    /// <summary>Resets the counters.</summary>
    public void ResetCounts() => (TargetQuestions, HashQuestions) = (0, 0);

    /// <summary>The hash of a content.</summary>
    public static string Hash(string content) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(content)));

    FileState IObservations.Source(Manifest manifest, Artifact artifact) => Find(manifest, artifact).State;

    string IObservations.SourceHash(Manifest manifest, Artifact artifact)
    {
        HashQuestions++;
        return Find(manifest, artifact).Hash;
    }

    FileState? IObservations.Target(Target target)
    {
        TargetQuestions++;
        if (TargetFails(target) is { } failure) throw new FailureException(failure);
        var place = Place(target);
        if (_files.Keys.Any(file => file.StartsWith(place + "/", StringComparison.Ordinal) || place.StartsWith(file + "/", StringComparison.Ordinal)))
            throw new FailureException(new(FailureClass.Conflict, "NotAFile", $"At {target} a file and a folder meet.", "Move one of them away."));
        return _files.TryGetValue(place, out var file) ? file.State : null;
    }

    string IObservations.TargetHash(Target target)
    {
        TargetQuestions++;
        HashQuestions++;
        return _files.TryGetValue(Place(target), out var file) ? file.Hash : "";
    }

    IReadOnlyList<RecordedCopy> IObservations.OfJob(string jobId) => [.. _rows.Where(row => row.JobId == jobId)];

    RecordedCopy? IObservations.Owner(Target target) =>
        _rows.SingleOrDefault(row => row.SupersededBy is null && row.Target.Key == target.Key);

    IReadOnlyList<UnrecordedCopy> IObservations.Unrecorded(Target target) => _unrecorded.TryGetValue(target.Key, out var copies) ? copies : [];

    private static bool IsRowOf(RecordedCopy old, RecordedCopy row) =>
        !old.IsFormer && old.JobId == row.JobId && old.Artifact == row.Artifact && old.Requested.Key == row.Requested.Key;

    private ulong NextInode() => HasInodes ? _nextInode++ : 0;

    private (FileState State, string Hash) Find(Manifest manifest, Artifact artifact) =>
        _sources.TryGetValue((manifest.JobId, artifact.RelativePath), out var source)
            ? source
            : throw new FailureException(new(
                FailureClass.Gone,
                "SourceGone",
                string.Create(CultureInfo.InvariantCulture, $"'{artifact.Path}' of job '{manifest.JobId}' is not there."),
                "Run the producer again."));
}
