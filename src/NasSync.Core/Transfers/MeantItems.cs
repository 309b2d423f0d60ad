namespace NasSync.Transfers;

/// <summary>The artifacts that a request means, by the manifest or the folder above it that it names them with.</summary>
internal sealed class MeantItems(IReadOnlyList<MeantItem> items)
{
    private readonly ILookup<string, MeantItem> _items =
        items.ToLookup(item => Path.TrimEndingDirectorySeparator(item.Manifest), StringComparer.Ordinal);

    private readonly HashSet<MeantItem> _found = [];

    /// <summary>Whether none is named, so that all are meant.</summary>
    public bool AreAll => items.Count == 0;

    /// <summary>Whether an artifact at a target is meant: where the request names none of its manifest, all of that manifest are.</summary>
    public bool Mean(string manifest, string artifact, Target? target, Target? requested)
    {
        if (AreAll) return true;
        var isNamed = false;
        for (var path = manifest; path is not null; path = Path.GetDirectoryName(path))
        {
            if (!_items.Contains(path)) continue;
            isNamed = true;
            if (_items[path].FirstOrDefault(item => item.Is(artifact, target, requested)) is not { } meant) continue;
            _found.Add(meant);
            return true;
        }

        return !isNamed;
    }

    /// <summary>Says of one that it was found, or that people know that it is not.</summary>
    public void Settle(MeantItem item) => _found.Add(item);

    /// <summary>Those that meant nothing so far.</summary>
    public IEnumerable<MeantItem> Unfound => items.Where(item => !_found.Contains(item));

    /// <summary>What is named of a manifest by its own path or its job folder's.</summary>
    public IEnumerable<MeantItem> Of(Manifest manifest) => _items[manifest.Path].Concat(_items[manifest.Folder]);
}
