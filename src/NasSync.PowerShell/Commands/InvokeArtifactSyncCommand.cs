using System.Management.Automation;
using NasSync.Config;
using NasSync.Transfers;
using NasSync.Verifying;

namespace NasSync.PowerShell.Commands;

/// <summary>
/// Copies artifacts to the targets of their routes and proves that they arrived. Collects the whole pipeline and copies in one run: only a plan of
/// everything shows, before a byte moves, that two artifacts have the same target.
/// </summary>
[Cmdlet(VerbsLifecycle.Invoke, "ArtifactSync", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(SyncResult))]
[OutputType(typeof(SyncItem))]
public sealed class InvokeArtifactSyncCommand : ItemCmdlet
{
    private const string ManifestSet = "Manifest";
    private const string DecisionSet = "Decision";
    private const string RepairSet = "Repair";
    private readonly List<Manifest> _manifests = [];
    private readonly List<RouteDecision> _decisions = [];
    private readonly List<string> _paths = [];
    private SyncSummary? _summary;

    /// <summary>Manifests, as Get-SyncManifest writes them.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ManifestSet, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public Manifest[] Manifest { get; set; } = [];

    /// <summary>Decisions, as Resolve-SyncRoute writes them; they are executed unchanged.</summary>
    [Parameter(Mandatory = true, ParameterSetName = DecisionSet, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public RouteDecision[] Decision { get; set; } = [];

    /// <summary>A repair plan, as Test-ArtifactSync -Plan writes it: makes only its copies again.</summary>
    [Parameter(Mandatory = true, ParameterSetName = RepairSet)]
    [ValidateNotNullOrEmpty]
    public string? Repair { get; set; }

    /// <summary>Writes one object per item, when it ends, instead of one summary per command.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Maximum number of simultaneous transfers, 1 to 64. Default: the configuration's.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    public int ThrottleLimit { get; set; }

    /// <summary>Checks every target again although the ledger records no change.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Refuses a source with more than one hard link, as <c>refuseHardLinks</c> of the configuration does.</summary>
    [Parameter]
    public SwitchParameter RefuseHardLinks { get; set; }

    /// <summary>Maximum time to wait for another run that holds the work folder: a time span, or seconds. Default: no wait.</summary>
    [Parameter]
    [DurationArgument]
    public TimeSpan WaitForLock { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _summary = new SyncSummary(this, PassThru, IsWhatIf);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == DecisionSet) _decisions.AddRange(Decision.Where(decision => IsWhole(decision, GivenObject.Lack(decision))));
        else if (ParameterSetName != ManifestSet) _paths.AddRange(ResolveItems());
        else
        {
            var manifests = Manifest.Where(manifest => IsWhole(manifest, GivenObject.Lack(manifest))).ToList();
            _manifests.AddRange(manifests);
            TakeWhole(manifests.Select(manifest => manifest.Path));
        }
    }

    // An incomplete object is one error; the others are still synced.
    private bool IsWhole(object given, Failure? lack)
    {
        if (lack is not null) WriteFailure(lack, given);
        return lack is null;
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        // A request without paths would mean the whole outputs folder, which was not requested.
        var isEmpty = Repair is null && _manifests.Count + _decisions.Count + _paths.Count == 0 && !MeansOutputsFolder;
        if (isEmpty) _summary!.WriteEmpty();
        else if (!SessionConfig.TryRequire(this, Config, Near(), warn: true, out var config, out var problem))
            _summary!.WriteUndone(ErrorRecords.From(problem.Failure, problem.Source));
        else if (!config.Enabled) _summary!.WriteSwitchedOff(config);
        else Sync(config);
    }

    private protected override void WriteFailure(Failure failure, object? target)
    {
        _summary!.Add(failure);
        base.WriteFailure(failure, target);
    }

    private void Sync(SyncConfig config)
    {
        var run = new CmdletRun(config, IsWhatIf, PassThru) { Summary = _summary!, Log = Log };
        var request = new SyncRequest
        {
            Paths = _paths,
            Manifests = _manifests,
            Decisions = _decisions,
            Only = Only(),
            Force = Force,
            WaitForLock = WaitForLock,
            RefuseHardLinks = RefuseHardLinks,
            Transfers = ThrottleLimit > 0 ? ThrottleLimit : null,
        };

        // Only the pipeline thread may resolve the session's drives.
        var session = SessionState.Path;
        Func<RepairPlan>? plan = null;
        if (Repair is not null)
        {
            try
            {
                var file = SessionPath.Full(session, Repair);
                plan = () => RepairPlanReader.Read(file);
            }
            catch (FailureException e)
            {
                _summary!.WriteUndone(ErrorRecords.From(e.Failure, Repair));
                return;
            }
        }

        var error = TryRun((writer, cancellationToken) =>
            run.RunAsync(plan is null ? request : request with { Repair = plan() }, writer, cancellationToken));
        if (error is not null) _summary!.WriteUndone(error);
    }

    private string? Near() =>
        _paths.FirstOrDefault() ?? _manifests.FirstOrDefault()?.Path ?? _decisions.FirstOrDefault()?.Manifest.Path;
}
