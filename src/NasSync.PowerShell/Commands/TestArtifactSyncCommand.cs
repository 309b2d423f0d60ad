using System.Management.Automation;
using NasSync.PowerShell.Completion;
using NasSync.PowerShell.Pipeline;
using NasSync.Verifying;

namespace NasSync.PowerShell.Commands;

/// <summary>
/// Checks recorded copies again: does each still exist, and is it still the same? Changes nothing, and may run beside a sync. A lost copy is a
/// result, not an error.
/// </summary>
[Cmdlet(VerbsDiagnostic.Test, "ArtifactSync", DefaultParameterSetName = PathSet)]
[OutputType(typeof(CopyFinding))]
public sealed class TestArtifactSyncCommand : ItemCmdlet
{
    private readonly List<string> _paths = [];

    /// <summary>Only the copies of these jobs; wildcards are allowed.</summary>
    [Parameter]
    [SupportsWildcards]
    [TextArgument("JobId", IsPattern = true, TakesProperty = true)]
    [ArgumentCompleter(typeof(JobPatternCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? JobId { get; set; }

    /// <summary>Only the copies at these destinations: names of the configuration, where wildcards are allowed, or folders by their paths.</summary>
    [Parameter]
    [SupportsWildcards]
    [TextArgument("Destination", "Name", IsPattern = true, TakesProperty = true)]
    [ArgumentCompleter(typeof(DestinationPatternCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Destination { get; set; } = [];

    /// <summary>Only a random sample of the copies: a part such as 5%, or a number.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Sample { get; set; }

    /// <summary>Selects the same sample again; -Verbose shows the seed of a sample.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? Seed { get; set; }

    /// <summary>Checks size and time, and reads only the copies whose size or time changed.</summary>
    [Parameter]
    public SwitchParameter Quick { get; set; }

    /// <summary>Writes the copies to repair to a file, for Invoke-ArtifactSync -Repair.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Plan { get; set; }

    private protected override string Activity => "Verifying copies";

    /// <inheritdoc/>
    protected override void ProcessRecord() => _paths.AddRange(ResolveItems());

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        // A request without paths would mean the whole ledger, which was not requested.
        if (_paths.Count == 0 && !MeansOutputsFolder) return;
        var config = SessionConfig.Require(this, Config, _paths.FirstOrDefault(), warn: true);
        var (places, planFile, sample) = ReadParameters();
        Run(async (writer, cancellationToken) =>
        {
            using var log = Log(config, writer);
            var engine = new VerifyEngine(config) { Log = log };
            var meant = Known(engine, places, writer);
            var jobs = KnownJobs(engine, writer);

            // A request without destinations, or without jobs, would mean all of them.
            if (places.Count > 0 && meant.Count == 0 || JobId is not null && jobs.Count == 0) return;
            var request = new VerifyRequest
            {
                Paths = [.. _paths.Distinct()],
                Only = Only(),
                Jobs = jobs,
                Destinations = meant,
                Sample = sample,
                Seed = Seed,
                Quick = Quick,
            };
            using var plan = planFile is null ? null : RepairPlanWriter.Create(planFile, config.WorkDir, TimeProvider.System.GetUtcNow());
            await WriteAsync(engine.RunAsync(request, cancellationToken), plan, writer).ConfigureAwait(false);
        });
    }

    // Only the pipeline thread may resolve the session's drives.
    private (List<string> Places, string? PlanFile, VerifySample? Sample) ReadParameters()
    {
        try
        {
            var session = SessionState.Path;
            VerifySample sample = default;
            if (Sample is not null && !VerifySample.TryParse(Sample, out sample)) throw new FailureException(CmdletFailure.SampleInvalid(Sample));
            return (
                [.. Destination.Select(name => SessionPath.IsPath(name) ? SessionPath.Full(session, name) : name)],
                Plan is null ? null : SessionPath.Full(session, Plan),
                Sample is null ? null : sample);
        }
        catch (FailureException e)
        {
            ThrowTerminatingError(ErrorRecords.From(e.Failure, null));
            throw;
        }
    }

    private static List<string> Known(VerifyEngine engine, List<string> places, PipelineWriter writer)
    {
        var meant = places.FindAll(System.IO.Path.IsPathFullyQualified);
        if (meant.Count == places.Count) return meant;
        var known = engine.Destinations();
        var filter = new NameFilter(places.Except(meant));
        meant.AddRange(known.Where(name => filter.Matches(name)));
        foreach (var name in filter.Missing) writer.WriteFailure(CmdletFailure.DestinationUnknown(name, known), name);
        return meant;
    }

    private List<string> KnownJobs(VerifyEngine engine, PipelineWriter writer)
    {
        if (JobId is null) return [];
        var filter = new NameFilter(JobId, ignoreCase: false);
        var all = engine.Jobs();
        List<string> known = [.. all.Where(job => filter.Matches(job))];
        foreach (var name in filter.Missing) writer.WriteFailure(CmdletFailure.NoCopyOf(name, all), name);
        return known;
    }

    private static async Task WriteAsync(IAsyncEnumerable<VerifyEvent> events, RepairPlanWriter? plan, PipelineWriter writer)
    {
        var meter = new VerifyMeter(new ProgressPace(TimeProvider.System));
        await foreach (var happened in events.ConfigureAwait(false))
        {
            if (meter.Observe(happened) is { } line) writer.WriteProgress(line);
            switch (happened)
            {
                case VerifyEvent.Warned warned:
                    writer.WriteNotice(warned.Notice);
                    break;
                case VerifyEvent.Begun begun:
                    writer.WriteVerbose(
                        $"{begun.Chosen} of {begun.Copies} copies ({Readable.Size(begun.Bytes)}){(begun.Seed is { } seed ? $", seed {seed}" : "")}");
                    break;
                case VerifyEvent.Failed failed:
                    writer.WriteFailure(failed.Failure, failed.Subject);
                    break;
                case VerifyEvent.Found found:
                    plan?.Add(found.Finding);
                    writer.WriteObject(found.Finding);
                    break;
                case VerifyEvent.Finished:
                    plan?.Commit();
                    break;
            }
        }
    }
}
