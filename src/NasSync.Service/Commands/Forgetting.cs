using System.CommandLine;
using NasSync.Ledgers;
using NasSync.Service.Output;
using NasSync.Transfers;

namespace NasSync.Service.Commands;

/// <summary>
/// <c>nassync retry --forget</c>: removes failures from the ledger and touches nothing else. The next run records again what still fails.
/// </summary>
internal sealed class Forgetting(Shell shell, GlobalOptions globals, ParseResult parsed)
{
    private readonly bool _json = globals.Json(parsed);
    private bool _changesNothing;

    /// <summary>Shows what would be forgotten, and forgets nothing.</summary>
    public required bool DryRun { get; init; }

    /// <summary>Maximum time to wait for another run that holds the work folder.</summary>
    public TimeSpan Wait { get; init; }

    /// <summary>Selects the failures.</summary>
    public required Func<Ledger, IReadOnlyList<RecordedFailure>> Choose { get; init; }

    /// <summary>Runs to the end. With <c>--json</c> the last line is always <c>finished</c>.</summary>
    public async Task<ExitCode> RunAsync(CancellationToken stop)
    {
        _changesNothing = DryRun;
        if (globals.Load(parsed) is not { } config) return End(0, ExitCode.ConfigInvalid);
        var dryRun = _changesNothing |= config.DryRun;
        using var turn = dryRun ? null : await WaitOption.TakeTurnAsync(shell, config, Wait, stop);
        using var read = dryRun ? Ledger.OpenReadOnly(config, shell.Environment) : null;
        var ledger = read ?? turn!.Ledger;
        var failures = Choose(ledger);
        if (!dryRun) ledger.ForgetFailures([.. failures.Select(failure => failure.Id)]);
        foreach (var failure in failures) Show(failure, dryRun);
        if (!_json) shell.Out.WriteLine(Summary(failures.Count, dryRun));
        return End(failures.Count, ExitCode.Ok);
    }

    private void Show(RecordedFailure failure, bool dryRun)
    {
        if (!_json)
        {
            shell.Out.WriteLine(SafeText.Show($"{(dryRun ? "would forget" : "forgot")} {failure.Id}: {failure.Subject} [{failure.Failure.Code}]"));
            return;
        }

        JsonLines.Write(shell.Out, "forgotten", json =>
        {
            json.WriteNumber("id", failure.Id);
            json.WriteString("subject", failure.Subject);
            json.WriteString("jobId", failure.JobId);
            json.WriteString("artifact", failure.Artifact);
            json.WriteString("destination", failure.Target?.Destination);
            json.WriteString("target", failure.Target?.Display);
            json.WriteString("manifest", failure.ManifestPath);
            TransferEventJson.WriteFailure(json, failure.Failure);
        });
    }

    private static string Summary(int count, bool dryRun) =>
        count == 0
            ? "nothing failed; there is nothing to forget"
            : $"{Amounts.Count(count, "failure", "failures")} {(dryRun ? "would be forgotten" : "forgotten")}";

    private ExitCode End(int count, ExitCode exitCode)
    {
        globals.HasEnded = true;
        if (_json) JsonLines.Write(shell.Out, "finished", json =>
        {
            json.WriteNumber("forgotten", count);
            json.WriteBoolean("dryRun", _changesNothing);
            json.WriteNumber("exitCode", (int)exitCode);
        });
        return exitCode;
    }
}
