using System.CommandLine;
using System.Globalization;
using NasSync.Config;
using NasSync.Service.Output;
using NasSync.Transfers;
using NasSync.Verifying;
using NasSync.Webhooks;

namespace NasSync.Service.Commands;

/// <summary>One run of the engine with its output, shared by <c>sync</c>, <c>plan</c> and <c>retry</c>.</summary>
internal sealed class Run(Shell shell, GlobalOptions globals, ParseResult parsed)
{
    private readonly bool _json = globals.Json(parsed);
    private readonly long _start = shell.Time.GetTimestamp();
    private bool _changesNothing;

    /// <summary>The paths as the user typed them.</summary>
    public required IReadOnlyList<string> Paths { get; init; }

    /// <summary>Restricts the run to these artifacts of the manifests at the paths; empty means all.</summary>
    public IReadOnlyList<MeantItem> Only { get; init; } = [];

    /// <summary>Changes nothing.</summary>
    public required bool DryRun { get; init; }

    /// <summary>Checks every target again.</summary>
    public bool Force { get; init; }

    /// <summary>Refuses sources with more than one hard link.</summary>
    public bool RefuseHardLinks { get; init; }

    /// <summary>Maximum number of simultaneous transfers; null: the configuration's.</summary>
    public int? Transfers { get; init; }

    /// <summary>Maximum time to wait for another run that holds the work folder.</summary>
    public TimeSpan Wait { get; init; }

    /// <summary>
    /// Selects the failures to retry, instead of paths. Null: the run covers everything at the paths.
    /// </summary>
    public Func<SyncConfig, IReadOnlyList<RecordedFailure>>? Choose { get; init; }

    /// <summary>The repair plan whose copies to make again, instead of paths; null: none.</summary>
    public string? RepairFile { get; init; }

    /// <summary>Runs to the end. With <c>--json</c> the last line is always <c>finished</c>.</summary>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        var config = globals.Load(parsed, Paths.Count > 0 ? Paths[0] : null);
        _changesNothing = DryRun || config is { DryRun: true };
        if (config is null) return End(ExitCode.ConfigInvalid);
        if (!config.Enabled)
        {
            shell.Error.WriteLine("NasSync is switched off (enabled: false); nothing was done.");
            return End(ExitCode.Ok);
        }

        if (RepairFile is not null) return await RepairAsync(config, RepairFile, stop);
        if (Choose is null)
        {
            var places = PathsArgument.OrOutputs(shell, Paths, config);
            return await RunAsync(config, new SyncRequest { Paths = places, Only = Only }, stop);
        }

        var failures = Choose(config);
        if (failures.Count > 0) return await RunAsync(config, new SyncRequest { Failures = failures }, stop);
        shell.Error.WriteLine("Nothing failed; there is nothing to try again.");
        return End(ExitCode.Ok);
    }

    private async Task<int> RepairAsync(SyncConfig config, string file, CancellationToken stop)
    {
        var plan = RepairPlanReader.Read(file);
        if (plan.Entries.Count > 0) return await RunAsync(config, new SyncRequest { Repair = plan }, stop);
        shell.Error.WriteLine("The repair plan is empty; there is nothing to repair.");
        return End(ExitCode.Ok);
    }

    private async Task<int> RunAsync(SyncConfig config, SyncRequest what, CancellationToken stop)
    {
        var dryRun = _changesNothing;
        var request = what with { DryRun = dryRun, Force = Force, RefuseHardLinks = RefuseHardLinks, Transfers = Transfers, WaitForLock = Wait };
        using var log = globals.Log(parsed, config);
        var events = new SyncEngine(config, shell.Time)
        {
            Through = new Courier(config, shell.Environment, shell.Time).TeeAsync,
            Log = log,
        }.RunAsync(request, stop);
        // A dry run changes nothing, not even the log.
        if (!dryRun) events = EventLog.Tee(events, config, shell.Warn, shell.Time, stop);

        var progress = shell.ErrorWidth is { } width && !_json && !globals.ShowsDebug(parsed)
            ? new ProgressDisplay(shell.Error, width, shell.Time)
            : null;
        var output = Output(dryRun, progress);
        var done = new RunTally(dryRun);
        SyncResult? result = null;
        try
        {
            await foreach (var happened in events.WithCancellation(stop))
            {
                var transferEvent = shell.Words.Of(happened);
                if (transferEvent is TransferEvent.Warned warned) shell.Tell(warned.Notice);
                if (transferEvent is TransferEvent.Retrying retrying && !_json)
                    shell.Warn(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{retrying.Item.Target} is tried again in {retrying.Delay.TotalSeconds:0.#} s: {retrying.Failure.Message}"));
                progress?.Show(transferEvent);
                output.Show(transferEvent);
                done.Count(transferEvent);
                if (transferEvent is not TransferEvent.Finished finished) continue;
                result = finished.Result;
                globals.HasEnded = true;
            }
        }
        catch (Exception e) when (result is null)
        {
            ShowUnfinished(output, config, done, e);
            throw;
        }
        finally
        {
            progress?.Clear();
        }

        return (int)(result?.ExitCode ?? ExitCode.Unexpected);
    }

    private IRunOutput Output(bool dryRun, ProgressDisplay? progress)
    {
        var level = globals.LogLevel(parsed) ?? LogLevel.Info;
        if (_json) return new JsonOutput(shell.Out, level, dryRun);
        Action clear = progress is null ? () => { } : progress.Clear;
        return dryRun ? new PlanOutput(shell, clear) : new TableOutput(shell, level, clear);
    }

    // After an abort, still shows what was done; with --json the last line reports the end.
    private void ShowUnfinished(IRunOutput output, SyncConfig config, RunTally done, Exception e)
    {
        var exitCode = e switch
        {
            OperationCanceledException => ExitCode.Stopped,
            FailureException { Failure: var failure } => ExitCodes.Of(failure),
            _ => ExitCode.Unexpected,
        };
        if (e is FailureException { Failure: var why })
        {
            var failed = new TransferEvent.Failed(config.WorkDir, shell.Words.Of(why));
            done.Count(failed);
            // People get the message that ends the program.
            if (_json) output.Show(failed);
        }

        globals.HasEnded = true;
        var result = done.Finish(shell.Time.GetElapsedTime(_start), exitCode == ExitCode.Stopped);
        if (_json || result.Manifests > 0) output.Show(new TransferEvent.Finished(result with { ExitCode = exitCode }));
    }

    private int End(ExitCode exitCode)
    {
        globals.HasEnded = true;
        if (_json)
            JsonLines.Write(
                shell.Out,
                new TransferEvent.Finished(new SyncResult { DryRun = _changesNothing, Stopped = exitCode == ExitCode.Stopped, ExitCode = exitCode }));
        return (int)exitCode;
    }
}
