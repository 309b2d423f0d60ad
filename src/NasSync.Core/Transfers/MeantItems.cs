namespace NasSync.Transfers;

/// <summary>The artifacts that a request selects. Each is given with a manifest's path or a folder above it.</summary>
internal sealed class MeantItems(IReadOnlyList<MeantItem> items)
{
    // The number of names to remember for "did you mean" hints.
    private const int MostSeen = 1000;

    private readonly ILookup<string, MeantItem> _items =
        items.ToLookup(item => Path.TrimEndingDirectorySeparator(item.Manifest), StringComparer.Ordinal);

    private readonly HashSet<MeantItem> _found = [];
    private readonly Dictionary<MeantItem, SortedSet<string>> _artifacts = [];
    private readonly Dictionary<MeantItem, SortedSet<string>> _targets = [];

    /// <summary>Whether the request selects all artifacts, because it lists none.</summary>
    public bool AreAll => items.Count == 0;

    /// <summary>Whether an artifact at a target is selected. If the request lists no artifact of a manifest, all of that manifest are.</summary>
    public bool Mean(string manifest, string artifact, Target? target, Target? requested)
    {
        if (AreAll) return true;
        var (isNamed, isMeant) = (false, false);
        foreach (var item in Above(manifest))
        {
            isNamed = true;

            // Marks every matching entry as found, not only the first: paths may overlap, and a target may be spelled in two ways.
            if (!item.Is(artifact, target, requested)) continue;
            _found.Add(item);
            isMeant = true;
        }

        return isMeant || !isNamed;
    }

    /// <summary>Marks an entry as found, or as already reported.</summary>
    public void Settle(MeantItem item) => _found.Add(item);

    /// <summary>As <see cref="Settle"/>, for all entries with a path or a folder above it.</summary>
    public void SettleAbove(string path)
    {
        foreach (var item in Above(path).ToList()) Settle(item);
    }

    /// <summary>The entries that have matched nothing so far.</summary>
    public IEnumerable<MeantItem> Unfound => items.Where(item => !_found.Contains(item));

    /// <summary>The entries with a manifest's own path or that of its job folder.</summary>
    public IEnumerable<MeantItem> Of(Manifest manifest) => _items[manifest.Path].Concat(_items[manifest.Folder]);

    /// <summary>Remembers an artifact of a manifest, for the hints of entries that have not been found yet.</summary>
    /// <param name="manifest">The manifest's full path.</param>
    /// <param name="artifact">An artifact of it.</param>
    /// <param name="target">Its target; null when it has none.</param>
    public void See(string manifest, string artifact, string? target)
    {
        foreach (var item in Above(manifest).Where(item => !_found.Contains(item)))
        {
            Keep(_artifacts, item, artifact);
            if (target is not null && item.Artifact == artifact) Keep(_targets, item, target);
        }
    }

    /// <summary>As <see cref="See(string, string, string?)"/>, for a whole manifest.</summary>
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

    /// <summary>The artifacts that exist below the path of an entry that was not found.</summary>
    public IReadOnlyCollection<string> ArtifactsSeen(MeantItem item) => _artifacts.GetValueOrDefault(item) ?? [];

    /// <summary>The targets of the artifact that an entry names; null when there is no such artifact.</summary>
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
