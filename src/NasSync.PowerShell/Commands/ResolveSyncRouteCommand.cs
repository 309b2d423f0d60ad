using System.Management.Automation;
using NasSync.Routing;

namespace NasSync.PowerShell.Commands;

/// <summary>Says for every artifact of a manifest which route takes it, where that leads, and why the other routes do not.</summary>
[Cmdlet(VerbsDiagnostic.Resolve, "SyncRoute")]
[OutputType(typeof(RouteDecision))]
public sealed class ResolveSyncRouteCommand : PSCmdlet
{
    private RouteTable? _routes;

    /// <summary>The manifests, as Get-SyncManifest writes them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public Manifest[] Manifest { get; set; } = [];

    /// <summary>The configuration file. Default: $env:NAS_SYNC_CONFIG_PATH, then nas-sync.yaml in the current folder, then beside the outputs folder.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ConfigFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Config { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var manifest in Manifest)
        {
            // Read once: the first manifest tells beside which outputs folder the file may stand.
            _routes ??= new RouteTable(SessionConfig.Require(this, Config, manifest.Path));
            WriteObject(_routes.Resolve(manifest), enumerateCollection: true);
        }
    }
}
