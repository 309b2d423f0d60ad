namespace NasSync.Transfers;

/// <summary>The artifacts that a request means, by the manifest or the folder above it that it names them with.</summary>
internal sealed class MeantItems(IReadOnlyList<MeantItem> items)
{
    private readonly ILookup<string, MeantItem> _items =
        items.ToLookup(item => Path.TrimEndingDirectorySeparator(item.Manifest), StringComparer.Ordinal);

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
            if (_items[path].Any(item => item.Is(artifact, target, requested))) return true;
        }

        return !isNamed;
    }

    /// <summary>What is named of a manifest by its own path or its job folder's.</summary>
    public IEnumerable<MeantItem> Of(Manifest manifest) => _items[manifest.Path].Concat(_items[manifest.Folder]);
}
