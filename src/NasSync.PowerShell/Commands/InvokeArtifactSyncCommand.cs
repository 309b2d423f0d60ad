using System.Management.Automation;
using NasSync.Config;
using NasSync.PowerShell.Pipeline;
using NasSync.Transfers;

namespace NasSync.PowerShell.Commands;

/// <summary>
/// Carries artifacts to where the routes want them and proves that they arrived. Everything from the pipeline is collected and carried out in
/// one run: only a plan of the whole sees two artifacts that want one place before a byte moves.
/// </summary>
[Cmdlet(VerbsLifecycle.Invoke, "ArtifactSync", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(SyncResult))]
[OutputType(typeof(SyncItem))]
public sealed class InvokeArtifactSyncCommand : PathCmdlet
{
    private const string ManifestSet = "Manifest";
    private const string DecisionSet = "Decision";
    private readonly List<Manifest> _manifests = [];
    private readonly List<RouteDecision> _decisions = [];
    private readonly List<string> _paths = [];

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

    private bool IsWhatIf => MyInvocation.BoundParameters.TryGetValue("WhatIf", out var given)
        ? ((SwitchParameter)given).IsPresent
        : LanguagePrimitives.IsTrue(GetVariableValue("WhatIfPreference"));

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == ManifestSet) _manifests.AddRange(Manifest);
        else if (ParameterSetName == DecisionSet) _decisions.AddRange(Decision);
        else _paths.AddRange(ResolvePaths());
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_manifests.Count + _decisions.Count + _paths.Count == 0 && !MeansOutputsFolder)
        {
            // A request without paths would mean the whole outputs folder, which nobody asked for.
            if (!PassThru) WriteObject(new SyncResult { DryRun = IsWhatIf });
            return;
        }

        var config = SessionConfig.Require(this, Config, Near(), warn: true);
        if (!config.Enabled)
        {
            WriteWarning($"NasSync is switched off (enabled: false in {config.File ?? "the environment"}); nothing was done.");
            if (!PassThru) WriteObject(new SyncResult());
            return;
        }

        var whatIf = IsWhatIf;
        Run((writer, cancellationToken) => SyncAsync(config, whatIf, writer, cancellationToken));
    }

    private async Task SyncAsync(SyncConfig config, bool whatIf, PipelineWriter writer, CancellationToken cancellationToken)
    {
        var dryRun = whatIf || config.DryRun;
        var request = new SyncRequest
        {
            Paths = _paths,
            Manifests = _manifests,
            Decisions = _decisions,
            DryRun = dryRun,
            Force = Force,
            Transfers = ThrottleLimit > 0 ? ThrottleLimit : null,
            Approve = dryRun ? null : async (item, cancellation) => await Ask(item, writer, cancellation).ConfigureAwait(false),
        };
        var events = new SyncEngine(config).RunAsync(request, cancellationToken);
        // A run that changes nothing leaves no line in the log either.
        if (!dryRun) events = EventLog.Tee(events, config, writer.WriteWarning, cancellationToken: cancellationToken);
        var output = new SyncOutput(writer, PassThru, new ProgressMeter(TimeProvider.System));
        await foreach (var happened in events.ConfigureAwait(false))
        {
            output.Show(happened);
            if (!dryRun || happened is not TransferEvent.Planned planned) continue;
            foreach (var item in planned.Plan.Items.Where(item => item.Action is PlanAction.Copy or PlanAction.Adopt))
            {
                if (whatIf) await Ask(item, writer, cancellationToken).ConfigureAwait(false);
                output.ShowPlanned(item);
            }
        }
    }

    private static Task<bool> Ask(PlanItem item, PipelineWriter writer, CancellationToken cancellationToken)
    {
        var action = item.Action == PlanAction.Copy
            ? $"Copy {item.Artifact} of {item.JobId} ({Readable.Size(item.BytesToSend)})"
            : $"Record that {item.Artifact} of {item.JobId} is there already";
        return writer.ShouldProcessAsync(item.Target?.Display ?? item.Artifact.Path.Value, action, cancellationToken);
    }

    private string? Near() =>
        _paths.FirstOrDefault() ?? _manifests.FirstOrDefault()?.Path ?? _decisions.FirstOrDefault()?.Manifest.Path;
}
