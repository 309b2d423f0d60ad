using System.Management.Automation;

namespace NasSync.PowerShell.Commands;

/// <summary>Carries artifacts to where the routes want them and proves that they arrived.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "ArtifactSync", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(SyncResult))]
[OutputType(typeof(SyncItem))]
public sealed class InvokeArtifactSyncCommand : PathCmdlet
{
    private const string ManifestSet = "Manifest";
    private const string DecisionSet = "Decision";

    /// <summary>Manifests, as Get-SyncManifest writes them.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ManifestSet, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public Manifest[] Manifest { get; set; } = [];

    /// <summary>Decisions, as Resolve-SyncRoute writes them; they are carried out as they are.</summary>
    [Parameter(Mandatory = true, ParameterSetName = DecisionSet, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public RouteDecision[] Decision { get; set; } = [];

    /// <summary>Writes one object per item, as it ends, instead of one summary per command.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Transfers at a time, 1 to 64. Default: the configuration's.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    public int ThrottleLimit { get; set; }

    /// <summary>Looks at every target again although the ledger says that nothing changed.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }
}
