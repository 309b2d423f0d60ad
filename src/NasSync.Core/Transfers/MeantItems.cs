namespace NasSync.Transfers;

/// <summary>The artifacts that a request means, by the manifest or the folder above it that it names them with.</summary>
internal sealed class MeantItems(IReadOnlyList<MeantItem> items)
{
    // Enough to find what was meant by a name that is nowhere.
    private const int MostSeen = 1000;

    private readonly ILookup<string, MeantItem> _items =
        items.ToLookup(item => Path.TrimEndingDirectorySeparator(item.Manifest), StringComparer.Ordinal);

    private readonly HashSet<MeantItem> _found = [];
    private readonly Dictionary<MeantItem, SortedSet<string>> _artifacts = [];
    private readonly Dictionary<MeantItem, SortedSet<string>> _targets = [];

    /// <summary>Whether none is named, so that all are meant.</summary>
    public bool AreAll => items.Count == 0;

    /// <summary>Whether an artifact at a target is meant: where the request names none of its manifest, all of that manifest are.</summary>
    public bool Mean(string manifest, string artifact, Target? target, Target? requested)
    {
        if (AreAll) return true;
        var (isNamed, isMeant) = (false, false);
        foreach (var item in Above(manifest))
        {
            isNamed = true;

            // Each that means it is found by it, and not the first alone: paths may overlap, and one target be spelled in two ways.
            if (!item.Is(artifact, target, requested)) continue;
            _found.Add(item);
            isMeant = true;
        }

        return isMeant || !isNamed;
    }

    /// <summary>Says of one that it was found, or that people know that it is not.</summary>
    public void Settle(MeantItem item) => _found.Add(item);

    /// <summary>As <see cref="Settle"/>, of all that are named by a path or a folder above it.</summary>
    public void SettleAbove(string path)
    {
        foreach (var item in Above(path).ToList()) Settle(item);
    }

    /// <summary>Those that meant nothing so far.</summary>
    public IEnumerable<MeantItem> Unfound => items.Where(item => !_found.Contains(item));

    /// <summary>What is named of a manifest by its own path or its job folder's.</summary>
    public IEnumerable<MeantItem> Of(Manifest manifest) => _items[manifest.Path].Concat(_items[manifest.Folder]);

    /// <summary>Takes notice of what a manifest has, for those that are named by it or by a folder above and were not found yet.</summary>
    /// <param name="manifest">The manifest's full path.</param>
    /// <param name="artifact">An artifact of it.</param>
    /// <param name="target">Where it is, or goes; null: nowhere.</param>
    public void See(string manifest, string artifact, string? target)
    {
        foreach (var item in Above(manifest).Where(item => !_found.Contains(item)))
        {
            Keep(_artifacts, item, artifact);
            if (target is not null && item.Artifact == artifact) Keep(_targets, item, target);
        }
    }

    /// <summary>As <see cref="See(string, string, string?)"/>, of a whole manifest.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="targets">The targets of an artifact.</param>
    public void See(Manifest manifest, Func<string, IReadOnlyCollection<string>> targets)
    {
        foreach (var item in Above(manifest.Path).Where(item => !_found.Contains(item)).ToList())
        {
            foreach (var artifact in manifest.Artifacts) Keep(_artifacts, item, artifact.Path);
            foreach (var target in targets(item.Artifact)) Keep(_targets, item, target);
        }
    }

    /// <summary>The artifacts that were seen where one that is nowhere is named.</summary>
    public IReadOnlyCollection<string> ArtifactsSeen(MeantItem item) => _artifacts.GetValueOrDefault(item) ?? [];

    /// <summary>The targets of an artifact of that name; null when none was seen.</summary>
    public IReadOnlyCollection<string>? TargetsSeen(MeantItem item) =>
        _targets.GetValueOrDefault(item) ?? (ArtifactsSeen(item).Contains(item.Artifact) ? [] : null);

    private IEnumerable<MeantItem> Above(string path)
    {
        if (AreAll) yield break;
        for (var at = path; at is not null; at = Path.GetDirectoryName(at))
            foreach (var item in _items[at]) yield return item;
    }

    private static void Keep(Dictionary<MeantItem, SortedSet<string>> seen, MeantItem item, string name)
    {
        if (!seen.TryGetValue(item, out var names)) seen[item] = names = new(StringComparer.Ordinal);
        if (names.Count < MostSeen) names.Add(name);
    }
}
