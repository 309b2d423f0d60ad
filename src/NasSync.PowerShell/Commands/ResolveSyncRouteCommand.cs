using System.Management.Automation;
using NasSync.PowerShell.Completion;
using NasSync.Routing;

namespace NasSync.PowerShell.Commands;

/// <summary>Shows for every artifact of a manifest which route takes it, its targets, and why the other routes do not match.</summary>
[Cmdlet(VerbsDiagnostic.Resolve, "SyncRoute")]
[OutputType(typeof(RouteDecision))]
public sealed class ResolveSyncRouteCommand : PSCmdlet
{
    private RouteTable? _routes;
    private NameFilter? _kinds;
    private HashSet<int>? _wanted;

    /// <summary>The manifests, as Get-SyncManifest writes them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public Manifest[] Manifest { get; set; } = [];

    /// <summary>Only artifacts of these kinds; wildcards are allowed.</summary>
    [Parameter]
    [SupportsWildcards]
    [TextArgument("Kind", IsPattern = true, TakesProperty = true)]
    [ArgumentCompleter(typeof(KindCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Kind { get; set; }

    /// <summary>Only the artifacts that these routes take: by number, or by pattern such as audio/instrumental; wildcards are allowed.</summary>
    [Parameter]
    [SupportsWildcards]
    [TextArgument("Pattern", IsPattern = true, TakesProperty = true)]
    [ArgumentCompleter(typeof(RouteCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Route { get; set; }

    /// <summary>
    /// The configuration file. Default: $env:NAS_SYNC_CONFIG_PATH, then nas-sync.yaml in the current folder, then beside the outputs folder.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(ConfigFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Config { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => _kinds = new NameFilter(Kind);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var manifest in Manifest)
        {
            if (GivenObject.Lack(manifest) is { } lack)
            {
                WriteError(ErrorRecords.From(lack, manifest));
                continue;
            }

            // Reads the configuration once: the first manifest shows beside which outputs folder the file may lie.
            if (_routes is null)
            {
                var config = SessionConfig.Require(this, Config, manifest.Path);
                _routes = new RouteTable(config);
                _wanted = Wanted(config.Routes);
            }

            WriteObject(_routes.Resolve(manifest).Where(IsMeant).Select(ModuleWords.Of), enumerateCollection: true);
        }
    }

    // An unknown route name is one error; the decisions of the other routes are still written.
    private HashSet<int>? Wanted(IReadOnlyList<Route> routes)
    {
        if (Route is null) return null;
        var filter = new NameFilter(Route);
        var numbers = routes.Where(route => filter.Matches($"{route.Number}", route.ToString(), route.Pattern))
            .Select(route => route.Number)
            .ToHashSet();
        foreach (var name in filter.Missing)
            WriteError(ErrorRecords.From(CmdletFailure.RouteUnknown(name, [.. routes.Select(route => route.Pattern)]), name));
        return numbers;
    }

    private bool IsMeant(RouteDecision decision) =>
        _kinds!.Matches(decision.Artifact.Kind)
        && (_wanted is null || decision.Route is { } route && _wanted.Contains(route.Number));
}
