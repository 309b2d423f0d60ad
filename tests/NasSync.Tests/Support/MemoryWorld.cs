using System.Globalization;
using NasSync.Planning;

namespace NasSync.Tests.Support;

/// <summary>
/// Sources, destinations and ledger in memory. <see cref="CarryOut"/> does what a plan says with the strictness of the real thing: a copy
/// that may replace nothing fails when something is there. Names keep their case. It counts what it was asked.
/// </summary>
internal sealed class MemoryWorld : IObservations
{
    private readonly Dictionary<(string JobId, RelativePath Artifact), (FileState State, string Hash)> _sources = [];
    private readonly Dictionary<string, (FileState State, string Hash)> _files = new(StringComparer.Ordinal);
    private readonly List<RecordedCopy> _rows = [];
    private readonly Dictionary<string, List<UnrecordedCopy>> _unrecorded = new(StringComparer.Ordinal);
    private ulong _nextInode = 1000;

    /// <summary>How often a target was looked at, or hashed.</summary>
    public int TargetQuestions { get; private set; }

    /// <summary>How often content was read.</summary>
    public int HashQuestions { get; private set; }

    /// <summary>The ledger's rows.</summary>
    public IReadOnlyList<RecordedCopy> Rows => _rows;

    /// <summary>What stands at the destinations, by <see cref="Place"/>.</summary>
    public IReadOnlyDictionary<string, (FileState State, string Hash)> Files => _files;

    /// <summary>What to throw instead of answering for a target; null answers.</summary>
    public Func<Target, Failure?> TargetFails { get; set; } = _ => null;

    /// <summary>Where a target is, apart from any configuration.</summary>
    public static string Place(Target target) => $"{target.Destination}|{target.Root.TrimEnd('/')}/{target.Path}";

    /// <summary>Puts a source file there; the content stands for its bytes, its length for their number.</summary>
    public MemoryWorld Source(string jobId, string artifact, string content, long mtimeNs = 1)
    {
        _sources[(jobId, RelativePath.Parse(artifact))] = (new(content.Length, mtimeNs, _nextInode++, 1), Hash(content));
        return this;
    }

    /// <summary>Writes into a source file that is there: the inode stays.</summary>
    public void EditSource(string jobId, string artifact, string content, long mtimeNs)
    {
        var key = (jobId, RelativePath.Parse(artifact));
        _sources[key] = (_sources[key].State with { Size = content.Length, MtimeNs = mtimeNs }, Hash(content));
    }

    /// <summary>Makes a source the very file that stands at a target, as a hard link does.</summary>
    public void LinkSource(string jobId, string artifact, Target target) => _sources[(jobId, RelativePath.Parse(artifact))] = _files[Place(target)];

    /// <summary>Takes a source away.</summary>
    public void RemoveSource(string jobId, string artifact) => _sources.Remove((jobId, RelativePath.Parse(artifact)));

    /// <summary>Says what a killed run was about to name at a target.</summary>
    public void Intend(UnrecordedCopy copy)
    {
        if (!_unrecorded.TryGetValue(copy.Target.Key, out var copies)) _unrecorded[copy.Target.Key] = copies = [];
        copies.Add(copy);
    }

    /// <summary>Whether the place tells one file from another by an inode. Default true.</summary>
    public bool HasInodes { get; init; } = true;

    /// <summary>Puts a file there without the ledger's knowledge.</summary>
    public MemoryWorld Put(Target target, string content, long mtimeNs = 1)
    {
        _files[Place(target)] = (new(content.Length, mtimeNs, NextInode(), 2), Hash(content));
        return this;
    }

    /// <summary>Changes the bytes of a file and nothing else about it, as a failing disk does.</summary>
    public void Rot(Target target, string content) => _files[Place(target)] = (_files[Place(target)].State, Hash(content));

    /// <summary>Takes a file away without the ledger's knowledge.</summary>
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

    /// <summary>Does what a plan says.</summary>
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

    /// <summary>Forgets the counts.</summary>
    public void ResetCounts() => (TargetQuestions, HashQuestions) = (0, 0);

    /// <summary>The hash that a content has here.</summary>
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
