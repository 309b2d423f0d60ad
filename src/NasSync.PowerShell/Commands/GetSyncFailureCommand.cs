using System.Management.Automation;
using NasSync.Ledgers;
using NasSync.PowerShell.Completion;
using NasSync.PowerShell.Pipeline;
using NasSync.Watching;

namespace NasSync.PowerShell.Commands;

/// <summary>Gets the failures in the ledger that were not overcome since, the latest first. Contacts no destination.</summary>
[Cmdlet(VerbsCommon.Get, "SyncFailure")]
[OutputType(typeof(RecordedFailure))]
public sealed class GetSyncFailureCommand : AsyncCmdlet
{
    // The names in the pipeline's objects; arguments narrow them.
    private readonly List<string> _jobs = [];
    private readonly HashSet<string> _manifests = new(StringComparer.Ordinal);
    private bool _isJobGiven;
    private bool _isManifestGiven;
    private string[]? _givenJobs;
    private string? _givenManifest;

    /// <summary>Only the failures of these jobs; wildcards are allowed.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [TextArgument("JobId", IsPattern = true, TakesProperty = true)]
    [ArgumentCompleter(typeof(JobPatternCompleter))]
    public string[]? JobId { get; set; }

    /// <summary>Only the failures of this manifest, or of the one in this job folder. Objects without a JobId bind by it.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [TextArgument("ManifestPath", "Path", TakesProperty = true)]
    public string? ManifestPath { get; set; }

    /// <summary>Only the failures that wait for a person to act.</summary>
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
        _isJobGiven = MyInvocation.BoundParameters.ContainsKey(nameof(JobId));
        _isManifestGiven = MyInvocation.BoundParameters.ContainsKey(nameof(ManifestPath));
        if (_isJobGiven && (JobId is null or [] || JobId.Any(string.IsNullOrEmpty))) Refuse(nameof(JobId));
        if (_isManifestGiven && string.IsNullOrEmpty(ManifestPath)) Refuse(nameof(ManifestPath));
        _givenJobs = _isJobGiven ? JobId : null;
        _givenManifest = _isManifestGiven ? TryManifest(ManifestPath!) : null;
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (!MyInvocation.ExpectingInput) return;
        var jobs = _isJobGiven ? [] : (JobId ?? []).Where(job => !string.IsNullOrEmpty(job)).ToList();

        // Escapes the name in a pipeline object, which is no pattern. The failure of a whole manifest has no name.
        if (jobs.Count > 0) _jobs.AddRange(jobs.Select(WildcardPattern.Escape));
        else if (_isManifestGiven || string.IsNullOrEmpty(ManifestPath))
            WriteError(ErrorRecords.From(CmdletFailure.InputNamesNothing("An object has neither a JobId nor a ManifestPath."), null));
        else if (TryManifest(ManifestPath) is { } manifest) _manifests.Add(manifest);
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        // An empty pipeline names no job and does not mean all of them; neither does an invalid path.
        if (MyInvocation.ExpectingInput && _jobs.Count + _manifests.Count == 0 || _isManifestGiven && _givenManifest is null) return;
        var config = SessionConfig.Require(this, Config, near: null);
        var given = new NameFilter(_givenJobs, ignoreCase: false);
        var named = new NameFilter(_jobs, ignoreCase: false);
        var (fromPipeline, parkedOnly) = (MyInvocation.ExpectingInput, Parked.IsPresent);
        Run((writer, cancellationToken) =>
        {
            using var ledger = Ledger.OpenReadOnly(config);
            if (ledger.Notice is { } notice) writer.WriteNotice(notice);
            var failures = ledger.Failures();
            foreach (var failure in failures.Where(failure => given.Matches(failure.JobId) && IsOfGiven(failure)))
            {
                var isMeant = !fromPipeline || named.Matches(failure.JobId) || failure.ManifestPath is { } manifest && _manifests.Contains(manifest);
                if (isMeant && (failure.IsParked || !parkedOnly)) writer.WriteObject(failure);
            }

            // A job without failures is no mistake, and neither is a job from the pipeline that was never synced.
            if (given.Missing.Any()) TellUnknown(ledger, failures, given.Missing, writer);
            if (_givenManifest is { } path && !File.Exists(path) && !failures.Any(IsOfGiven))
                writer.WriteFailure(CmdletFailure.PathNotFound(path), path);
            return Task.CompletedTask;
        });
    }

    private bool IsOfGiven(RecordedFailure failure) => _givenManifest is null || failure.ManifestPath == _givenManifest;

    private static void TellUnknown(Ledger ledger, IReadOnlyList<RecordedFailure> failures, IEnumerable<string> missing, PipelineWriter writer)
    {
        var known = ledger.Jobs().Concat(failures.Select(failure => failure.JobId).OfType<string>()).ToHashSet(StringComparer.Ordinal);
        foreach (var job in missing.Where(job => !known.Contains(job))) writer.WriteFailure(CmdletFailure.JobUnknown(job, known), job);
    }

    private void Refuse(string parameter) =>
        ThrowTerminatingError(ErrorRecords.From(CmdletFailure.InputNamesNothing($"-{parameter} is empty."), null));

    // Resolves relative paths and the session's drives, as everywhere; a job folder stands for its manifest.
    private string? TryManifest(string path)
    {
        try
        {
            var full = SessionPath.Full(SessionState.Path, path);
            return Directory.Exists(full) ? Path.Combine(full, ManifestFinder.FileName) : full;
        }
        catch (FailureException error)
        {
            WriteError(ErrorRecords.From(error.Failure, path));
            return null;
        }
    }
}
