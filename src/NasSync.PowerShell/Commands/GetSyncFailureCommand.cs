using System.Management.Automation;
using NasSync.Ledgers;
using NasSync.PowerShell.Completion;

namespace NasSync.PowerShell.Commands;

/// <summary>What failed and has not succeeded since, the latest first, according to the ledger. No destination is asked.</summary>
[Cmdlet(VerbsCommon.Get, "SyncFailure")]
[OutputType(typeof(RecordedFailure))]
public sealed class GetSyncFailureCommand : AsyncCmdlet
{
    private readonly List<string> _jobs = [];
    private bool _isPattern;

    /// <summary>Only the failures of these jobs; wildcards are allowed.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(JobPatternCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? JobId { get; set; }

    /// <summary>Only what waits for someone to act.</summary>
    [Parameter]
    public SwitchParameter Parked { get; set; }

    /// <summary>The configuration file. Default: $env:NAS_SYNC_CONFIG_PATH, then nas-sync.yaml in the current folder.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ConfigFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Config { get; set; }

    private protected override string Activity => "Reading the ledger";

    /// <inheritdoc/>
    protected override void BeginProcessing() => _isPattern = JobId is not null;

    // The name that an object of the pipeline has stands for itself.
    /// <inheritdoc/>
    protected override void ProcessRecord() => _jobs.AddRange(_isPattern ? JobId! : (JobId ?? []).Select(WildcardPattern.Escape));

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        // An empty pipeline names no job, and does not mean all of them.
        if (_jobs.Count == 0 && MyInvocation.ExpectingInput) return;
        var config = SessionConfig.Require(this, Config, near: null);
        var jobs = new NameFilter(_jobs.Count == 0 ? null : _jobs, ignoreCase: false);
        var parkedOnly = Parked.IsPresent;
        Run((writer, cancellationToken) =>
        {
            using var ledger = Ledger.OpenReadOnly(config);
            if (ledger.Notice is { } notice) writer.WriteWarning(notice.ToString());
            foreach (var failure in ledger.Failures())
            {
                if (parkedOnly && !failure.IsParked) continue;
                if (jobs.Matches(failure.JobId)) writer.WriteObject(failure);
            }

            return Task.CompletedTask;
        });
    }
}
