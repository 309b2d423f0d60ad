namespace NasSync.Manifests;

/// <summary>The artifacts of a manifest, without duplicate paths.</summary>
internal sealed class ArtifactList
{
    private readonly List<Artifact> _items = [];
    private readonly Dictionary<RelativePath, (Artifact Artifact, int Index)> _known = [];

    public IReadOnlyList<Artifact> Items => _items.AsReadOnly();

    /// <summary>
    /// Adds an artifact. A repeated path with the same fields is ignored; with other fields it is an error, because it is unclear which entry counts.
    /// </summary>
    public void Add((Artifact Artifact, TextPosition At) listed, int index, string path)
    {
        if (_known.TryAdd(listed.Artifact.RelativePath, (listed.Artifact, index)))
        {
            _items.Add(listed.Artifact);
            return;
        }

        var (first, firstIndex) = _known[listed.Artifact.RelativePath];
        if (Same(first, listed.Artifact)) return;
        var twice = $"artifacts[{index}] lists the path {Failure.Quote(first.Path)} of artifacts[{firstIndex}] again, with other fields";
        throw ManifestFailure.Invalid(path, listed.At, twice, "List each file once.");
    }

    private static bool Same(Artifact one, Artifact other)
    {
        if (one with { UnknownJson = other.UnknownJson } != other || one.UnknownJson.Count != other.UnknownJson.Count) return false;
        foreach (var (name, value) in one.UnknownJson)
            if (!other.UnknownJson.TryGetValue(name, out var second) || value.GetRawText() != second.GetRawText()) return false;
        return true;
    }
}
