using System.Management.Automation;
using NasSync.Transfers;

namespace NasSync.PowerShell;

/// <summary>
/// A cmdlet that takes jobs by their paths. From an object that stands for one artifact of a job, such as an item or a finding, it takes only
/// that artifact and not the whole job, because a user who filters a pipeline does not want the rest of the job.
/// </summary>
public abstract class ItemCmdlet : PathCmdlet
{
    private readonly List<MeantItem> _items = [];
    private readonly HashSet<string> _whole = new(StringComparer.Ordinal);
    private bool _isArtifactGiven;
    private bool _isTargetGiven;

    private protected ItemCmdlet()
    {
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The engine reads the attributes of the overriding property, so they are repeated here; a list of objects would lose their artifacts.
    /// </remarks>
    [Parameter(Position = 0, ParameterSetName = PathSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [TextArgument("Path", "LiteralPath", "PSPath", "ManifestPath", OnlyText = true, Tells = true)]
    [ValidateNotNullOrEmpty]
    public override string[]? Path { get; set; }

    /// <summary>Only this artifact of the named jobs, relative to the job folder. Default: all of them.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet, ValueFromPipelineByPropertyName = true)]
    [TextArgument("Path", TakesProperty = true)]
    public string? Artifact { get; set; }

    /// <summary>Only this target of the artifact, as items show it. Default: all of them.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet, ValueFromPipelineByPropertyName = true)]
    [TextArgument("Display", TakesProperty = true)]
    public string? Target { get; set; }

    /// <inheritdoc/>
    private protected override bool MeansOutputsFolder => base.MeansOutputsFolder && !_isArtifactGiven && !_isTargetGiven;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        // Pipeline input is not bound yet, so only arguments count.
        _isArtifactGiven = MyInvocation.BoundParameters.ContainsKey(nameof(Artifact));
        _isTargetGiven = MyInvocation.BoundParameters.ContainsKey(nameof(Target));
    }

    /// <summary>The paths of this record; notes its artifact for <see cref="Only"/>.</summary>
    private protected IReadOnlyList<string> ResolveItems()
    {
        if (WhyNothing() is { } why)
        {
            WriteFailure(CmdletFailure.NarrowsNothing(why), null);
            return [];
        }

        var paths = ResolvePaths();

        // For a failure of a whole manifest, the artifact is the manifest's path.
        if (string.IsNullOrEmpty(Artifact) || paths.Contains(Artifact)) TakeWhole(paths);
        else
            _items.AddRange(paths.Select(path => new MeantItem(
                System.IO.Path.GetFullPath(path),
                Plain(Artifact),
                string.IsNullOrEmpty(Target) ? null : FullTarget(Target))));
        return paths;
    }

    // The Tab key completes to ./a//b.m4a; the manifest has a/b.m4a.
    private static string Plain(string artifact) =>
        artifact.StartsWith('/') ? artifact : string.Join('/', artifact.Split('/').Where(part => part is not ("" or ".")));

    // name:path stays as it is; a path is relative to the session's location. An unresolvable path is later reported as an unknown target.
    private string FullTarget(string target)
    {
        if (System.IO.Path.IsPathFullyQualified(target) || target.AsSpan().IndexOfAny(':', '/') is > 1 and var at && target[at] == ':') return target;
        try
        {
            return SessionPath.Full(SessionState.Path, target);
        }
        catch (FailureException)
        {
            return target;
        }
    }

    // A user who narrows a run means less than a whole job, and never all of them. Checks only arguments: a link from the pipeline has a Target too,
    // and a manifest that failed as a whole has no artifact.
    private string? WhyNothing()
    {
        if (_isArtifactGiven && string.IsNullOrEmpty(Artifact)) return "The artifact that -Artifact was to name is empty.";
        if (_isTargetGiven && string.IsNullOrEmpty(Target)) return "The target that -Target was to name is empty.";
        if (_isTargetGiven && string.IsNullOrEmpty(Artifact))
            return $"-Target {Failure.Quote(Target)} is one place of one artifact, and no artifact is named.";
        return _isArtifactGiven && Path is null && LiteralPath is null
            ? $"-Artifact {Failure.Quote(Artifact)} is a file of a job, and no job is named."
            : null;
    }

    /// <summary>Notes manifests or folders that were given as a whole.</summary>
    private protected void TakeWhole(IEnumerable<string> paths) => _whole.UnionWith(paths.Select(System.IO.Path.TrimEndingDirectorySeparator));

    /// <summary>The artifacts whose manifests are not meant as a whole.</summary>
    private protected IReadOnlyList<MeantItem> Only() => [.. _items.Where(item => !IsWhole(item.Manifest)).Distinct()];

    private bool IsWhole(string? path)
    {
        for (; path is not null; path = System.IO.Path.GetDirectoryName(path))
            if (_whole.Contains(path)) return true;
        return false;
    }
}
