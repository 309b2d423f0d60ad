using System.Runtime.InteropServices;

namespace NasSync.Planning;

/// <summary>A target that an item of this run occupies.</summary>
/// <param name="Target">The target.</param>
/// <param name="JobId">The item's job.</param>
/// <param name="Artifact">The item's artifact.</param>
/// <param name="RequestedKey">The key of the target that the item's route requested.</param>
/// <param name="Writes">False when the ledger says that the file is there already, so that nothing will be written.</param>
internal readonly record struct Claim(Target Target, string JobId, RelativePath Artifact, string RequestedKey, bool Writes);

/// <summary>Another item's claim on a target.</summary>
/// <param name="JobId">That item's job.</param>
/// <param name="Writes">As in <see cref="Claim"/>.</param>
internal sealed record TakenPlace(string JobId, bool Writes);

/// <summary>
/// The targets that this run's items occupy. While a run is planned, its earlier items are not at their targets yet, so the destination alone cannot
/// tell that a name is taken. A run may have a million items, so each takes few bytes: folders and repeated names are stored once.
/// </summary>
internal sealed class Claims
{
    // Jobs of one producer use the same file names; names that never repeat are not worth pooling.
    private const int MostNames = 4096;

    private readonly Dictionary<(int Folder, string Name), Held> _claims = [];
    private readonly Dictionary<string, int> _folders = new(StringComparer.Ordinal);
    private readonly List<Target> _fileBelow = [];
    private readonly Dictionary<string, string> _pool = new(StringComparer.Ordinal);
    private readonly List<Beside> _untaken = [];
    private (string Artifact, string File)[] _names = [];
    private bool _anyWrites;
    private (string Key, int Folder) _last = ("", -1);

    /// <summary>Claims a target for an item.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="targetKey">The target's key, if it is known already.</param>
    public void Take(Claim claim, string? targetKey = null)
    {
        TakeUnchanged();
        var key = targetKey ?? claim.Target.Key;
        _anyWrites |= claim.Writes;
        Hold(key, claim.Target, claim.JobId, claim.Artifact.Value, claim.RequestedKey == key ? null : claim.RequestedKey, claim.Writes);
    }

    /// <summary>
    /// Claims the targets of a job in which nothing has changed. A run that changes nothing never queries these claims, so only their common parts
    /// are stored until the first query.
    /// </summary>
    /// <param name="jobId">The job.</param>
    /// <param name="items">Its items.</param>
    /// <param name="keys">For each item the keys of its requested and its actual target.</param>
    public void TakeUnchanged(string jobId, IReadOnlyList<PlanItem> items, IReadOnlyList<(string Key, string TargetKey)> keys)
    {
        if (AreBesideEachOther(items))
        {
            if (!AreNamedAsBefore(items)) _names = NamesOf(items);
            _untaken.Add(new Beside(jobId, items[0].Target!, _names));
            return;
        }

        for (var i = 0; i < items.Count; i++)
            Take(new Claim(items[i].Target!, jobId, items[i].Artifact.RelativePath, keys[i].Key, Writes: false), keys[i].TargetKey);
    }

    /// <summary>Whether another item will write a target; cheap while the run has nothing to write.</summary>
    public bool IsWrittenByOther(string key, string jobId, RelativePath artifact, string requestedKey) =>
        _anyWrites && Other(key, jobId, artifact, requestedKey) is { Writes: true };

    /// <summary>Another item's claim on a target; null when the target is free or claimed by this item.</summary>
    public TakenPlace? Other(string key, string jobId, RelativePath artifact, string requestedKey) =>
        Find(key) is { } held && !(held.JobId == jobId && held.Artifact == artifact.Value && (held.RequestedKey ?? key) == requestedKey)
            ? new TakenPlace(held.JobId, held.Writes)
            : null;

    /// <summary>A claimed target that conflicts with this key because one of them would have to be a folder; null when there is none.</summary>
    public Target? InTheWay(string key)
    {
        TakeUnchanged();
        if (_folders.TryGetValue(key, out var below)) return _fileBelow[below];
        foreach (var folder in Folders(key))
            if (Find(folder) is { } held) return TargetOf(held, _folders[folder[..LastSlash(folder)]]);
        return null;
    }

    /// <summary>The keys of all folders above a key.</summary>
    public static IEnumerable<string> Folders(string key)
    {
        for (var slash = key.LastIndexOf('/'); slash > 0; slash = key.LastIndexOf('/', slash - 1)) yield return key[..slash];
    }

    private void TakeUnchanged()
    {
        foreach (var job in _untaken)
            foreach (var (artifact, file) in job.Names)
            {
                var target = job.First with { RelativePath = job.First.RelativePath.WithFileName(file) };
                Hold(target.Key, target, job.JobId, artifact, null, writes: false);
            }

        _untaken.Clear();
    }

    private void Hold(string key, Target target, string jobId, string artifact, string? requestedKey, bool writes)
    {
        var folder = FolderOf(key, target);
        ref var held = ref CollectionsMarshal.GetValueRefOrAddDefault(_claims, (folder, Pooled(NameIn(key))), out _);
        if (writes || !held.Writes) held = new Held(jobId, Pooled(artifact), requestedKey, Where(target, folder), writes);
    }

    private Held? Find(string key)
    {
        TakeUnchanged();
        var folder = key.AsSpan(0, LastSlash(key)).SequenceEqual(_last.Key) && _last.Folder >= 0
            ? _last.Folder
            : _folders.GetValueOrDefault(key[..LastSlash(key)], -1);
        return folder >= 0 && _claims.TryGetValue((folder, NameIn(key)), out var held) ? held : null;
    }

    // Whenever a folder is known, so are all its parents.
    private int FolderOf(string key, Target target)
    {
        var length = LastSlash(key);
        if (_last.Folder >= 0 && key.AsSpan(0, length).SequenceEqual(_last.Key)) return _last.Folder;
        var folderKey = key[..length];
        if (!_folders.TryGetValue(folderKey, out var folder))
        {
            folder = Add(folderKey);
            for (length = LastSlash(folderKey); length > 0 && !_folders.ContainsKey(folderKey[..length]); length = LastSlash(folderKey[..length]))
                Add(folderKey[..length]);
        }

        _last = (folderKey, folder);
        return folder;

        int Add(string added)
        {
            _folders.Add(added, _fileBelow.Count);
            _fileBelow.Add(target);
            return _fileBelow.Count - 1;
        }
    }

    // Most files are in the same folder as the first one claimed there, so storing their name suffices.
    private object Where(Target target, int folder) => IsBeside(target, _fileBelow[folder]) ? Pooled(target.RelativePath.FileName) : target;

    private Target TargetOf(Held held, int folder) =>
        held.Where as Target ?? _fileBelow[folder] with { RelativePath = _fileBelow[folder].RelativePath.WithFileName((string)held.Where) };

    private static bool AreBesideEachOther(IReadOnlyList<PlanItem> items)
    {
        foreach (var item in items)
            if (!ReferenceEquals(item.Target, item.Requested) || !IsBeside(item.Target!, items[0].Target!)) return false;
        return items.Count > 0;
    }

    // Consecutive jobs of one producer contain files of the same names.
    private bool AreNamedAsBefore(IReadOnlyList<PlanItem> items)
    {
        if (items.Count != _names.Length) return false;
        for (var i = 0; i < items.Count; i++)
            if (items[i].Artifact.Path != _names[i].Artifact || !FileIn(items[i].Target!).SequenceEqual(_names[i].File)) return false;
        return true;
    }

    private (string Artifact, string File)[] NamesOf(IReadOnlyList<PlanItem> items)
    {
        var names = new (string Artifact, string File)[items.Count];
        for (var i = 0; i < names.Length; i++) names[i] = (Pooled(items[i].Artifact.Path), Pooled(FileIn(items[i].Target!).ToString()));
        return names;
    }

    private static ReadOnlySpan<char> FileIn(Target target) => target.Path.AsSpan(target.Path.LastIndexOf('/') + 1);

    private static bool IsBeside(Target one, Target other)
    {
        var (path, first) = (one.Path, other.Path);
        var slash = path.LastIndexOf('/');
        return slash == first.LastIndexOf('/')
            && one.Destination == other.Destination
            && one.Root == other.Root
            && path.AsSpan(0, slash + 1).SequenceEqual(first.AsSpan(0, slash + 1));
    }

    private string Pooled(string name)
    {
        if (_pool.TryGetValue(name, out var known)) return known;
        if (_pool.Count < MostNames) _pool.Add(name, name);
        return name;
    }

    private static int LastSlash(string key) => Math.Max(key.LastIndexOf('/'), 0);

    private static string NameIn(string key) => key[LastSlash(key)..];

    /// <summary>Items of one job whose targets are the requested ones and lie in one folder.</summary>
    private readonly record struct Beside(string JobId, Target First, (string Artifact, string File)[] Names);

    private readonly record struct Held(string JobId, string Artifact, string? RequestedKey, object Where, bool Writes);
}
