using System.Management.Automation;
using NasSync.Transfers;

namespace NasSync.PowerShell;

/// <summary>
/// A cmdlet that takes jobs by their paths. Of an object that means one artifact of a job, such as an item or a finding, it takes that artifact and
/// not the whole job: who filters what comes down a pipeline means what is left.
/// </summary>
public abstract class ItemCmdlet : PathCmdlet
{
    private readonly List<MeantItem> _items = [];
    private readonly HashSet<string> _whole = new(StringComparer.Ordinal);

    private protected ItemCmdlet()
    {
    }

    /// <inheritdoc/>
    [Parameter(Position = 0, ParameterSetName = PathSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [TextArgument("Path", "LiteralPath", "PSPath", "ManifestPath", OnlyText = true, Tells = true)]
    [ValidateNotNullOrEmpty]
    public override string[]? Path { get; set; }

    /// <summary>Only this artifact of the jobs that are named, relative to the job folder. Default: all of them.</summary>
    [Parameter(ParameterSetName = LiteralPathSet, ValueFromPipelineByPropertyName = true)]
    [TextArgument("Path", TakesProperty = true)]
    public string? Artifact { get; set; }

    /// <summary>Only this target of the artifact, as items show it. Default: all of them.</summary>
    [Parameter(ParameterSetName = LiteralPathSet, ValueFromPipelineByPropertyName = true)]
    [TextArgument("Display", TakesProperty = true)]
    public string? Target { get; set; }

    /// <summary>The paths of this record; which artifacts of theirs are meant is kept for <see cref="Only"/>.</summary>
    private protected IReadOnlyList<string> ResolveItems()
    {
        var paths = ResolvePaths();

        // Where a whole manifest failed, the item is named by its path.
        if (ParameterSetName == LiteralPathSet && !string.IsNullOrEmpty(Artifact) && !System.IO.Path.IsPathFullyQualified(Artifact))
            _items.AddRange(paths.Select(path => new MeantItem(System.IO.Path.GetFullPath(path), Artifact, string.IsNullOrEmpty(Target) ? null : Target)));
        else TakeWhole(paths);
        return paths;
    }

    /// <summary>Takes notice of manifests or folders of which everything is meant.</summary>
    private protected void TakeWhole(IEnumerable<string> paths) => _whole.UnionWith(paths.Select(System.IO.Path.TrimEndingDirectorySeparator));

    /// <summary>The artifacts that alone are meant of their manifests.</summary>
    private protected IReadOnlyList<MeantItem> Only() => [.. _items.Where(item => !IsWhole(item.Manifest)).Distinct()];

    private bool IsWhole(string? path)
    {
        for (; path is not null; path = System.IO.Path.GetDirectoryName(path))
            if (_whole.Contains(path)) return true;
        return false;
    }
}
