using System.Management.Automation;
using NasSync.Config;
using NasSync.PowerShell.Completion;
using NasSync.Transfers;

namespace NasSync.PowerShell.Commands;

/// <summary>Retries only what failed, in one run for all failures of the pipeline.</summary>
[Cmdlet(VerbsLifecycle.Resume, "ArtifactSync", SupportsShouldProcess = true)]
[OutputType(typeof(SyncResult))]
[OutputType(typeof(SyncItem))]
public sealed class ResumeArtifactSyncCommand : AsyncCmdlet
{
    private readonly List<RecordedFailure> _failures = [];
    private SyncSummary? _summary;

    /// <summary>Failures, as Get-SyncFailure writes them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [FailureArgument]
    [ValidateNotNullOrEmpty]
    public RecordedFailure[] Failure { get; set; } = [];

    /// <summary>Writes one object per item, when it ends, instead of one summary per command.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Maximum number of simultaneous transfers, 1 to 64. Default: the configuration's.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    public int ThrottleLimit { get; set; }

    /// <summary>The configuration file. Default: $env:NAS_SYNC_CONFIG_PATH, then nas-sync.yaml in the current folder.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ConfigFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Config { get; set; }

    /// <summary>Refuses a source with more than one hard link, as <c>refuseHardLinks</c> of the configuration does.</summary>
    [Parameter]
    public SwitchParameter RefuseHardLinks { get; set; }

    /// <summary>Maximum time to wait for another run that holds the work folder: a time span, or seconds. Default: no wait.</summary>
    [Parameter]
    [DurationArgument]
    public TimeSpan WaitForLock { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => _summary = new SyncSummary(this, PassThru, IsWhatIf);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var failure in Failure)
        {
            if (GivenObject.Lack(failure) is not { } lack)
            {
                _failures.Add(failure);
                continue;
            }

            _summary!.Add(lack);
            WriteError(ErrorRecords.From(lack, failure));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        // A request without failures would mean everything, which was not requested.
        if (_failures.Count == 0) _summary!.WriteEmpty();
        else if (!SessionConfig.TryRequire(this, Config, near: null, warn: true, out var config, out var problem))
            _summary!.WriteUndone(ErrorRecords.From(problem.Failure, problem.Source));
        else if (!config.Enabled) _summary!.WriteSwitchedOff(config);
        else Sync(config);
    }

    private void Sync(SyncConfig config)
    {
        var run = new CmdletRun(config, IsWhatIf, PassThru) { Summary = _summary!, Log = Log };
        var request = new SyncRequest
        {
            Failures = _failures,
            RefuseHardLinks = RefuseHardLinks,
            WaitForLock = WaitForLock,
            Transfers = ThrottleLimit > 0 ? ThrottleLimit : null,
        };
        if (TryRun((writer, cancellationToken) => run.RunAsync(request, writer, cancellationToken)) is { } error) _summary!.WriteUndone(error);
    }
}
