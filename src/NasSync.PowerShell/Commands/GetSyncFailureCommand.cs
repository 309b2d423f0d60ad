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
    private readonly HashSet<string> _manifests = new(StringComparer.Ordinal);
    private bool _isPattern;

    /// <summary>Only the failures of these jobs; wildcards are allowed.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(JobPatternCompleter))]
    public string[]? JobId { get; set; }

    /// <summary>Only the failures of this manifest, a full path; where an object of the pipeline has a job, that counts.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? ManifestPath { get; set; }

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
    protected override void BeginProcessing()
    {
        _isPattern = MyInvocation.BoundParameters.ContainsKey(nameof(JobId));
        if (_isPattern && (JobId is null or [] || JobId.Any(string.IsNullOrEmpty)))
            ThrowTerminatingError(ErrorRecords.From(CmdletFailure.InputNamesNothing("-JobId is empty."), null));
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var jobs = (JobId ?? []).Where(job => !string.IsNullOrEmpty(job)).ToList();

        // The name that an object of the pipeline has stands for itself. What failed with its whole manifest has none.
        if (jobs.Count > 0) _jobs.AddRange(_isPattern ? jobs : jobs.Select(WildcardPattern.Escape));
        else if (!string.IsNullOrEmpty(ManifestPath)) _manifests.Add(ManifestPath);
        else if (MyInvocation.ExpectingInput)
            WriteError(ErrorRecords.From(CmdletFailure.InputNamesNothing("An object has neither a JobId nor a ManifestPath."), null));
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        // An empty pipeline names no job, and does not mean all of them.
        var isAll = _jobs.Count + _manifests.Count == 0;
        if (isAll && MyInvocation.ExpectingInput) return;
        var config = SessionConfig.Require(this, Config, near: null);
        var jobs = new NameFilter(isAll ? null : _jobs, ignoreCase: false);
        var parkedOnly = Parked.IsPresent;
        Run((writer, cancellationToken) =>
        {
            using var ledger = Ledger.OpenReadOnly(config);
            if (ledger.Notice is { } notice) writer.WriteNotice(notice);
            var failures = ledger.Failures();
            foreach (var failure in failures)
            {
                var isMeant = jobs.Matches(failure.JobId) || failure.ManifestPath is { } manifest && _manifests.Contains(manifest);
                if (isMeant && (failure.IsParked || !parkedOnly)) writer.WriteObject(failure);
            }

            // A job of which nothing failed is no mistake, nor is one of the pipeline that was never synced.
            if (!_isPattern || !jobs.Missing.Any()) return Task.CompletedTask;
            var known = ledger.Jobs().Concat(failures.Select(failure => failure.JobId).OfType<string>()).ToHashSet(StringComparer.Ordinal);
            foreach (var job in jobs.Missing.Where(job => !known.Contains(job))) writer.WriteFailure(CmdletFailure.JobUnknown(job, known), job);

            return Task.CompletedTask;
        });
    }
}
