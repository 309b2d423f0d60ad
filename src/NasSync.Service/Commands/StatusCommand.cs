using System.CommandLine;
using NasSync.Ledgers;
using NasSync.Service.Output;
using NasSync.Webhooks;

namespace NasSync.Service.Commands;

/// <summary><c>nassync status</c>: shows which copies the ledger records, and what failed. Contacts no destination.</summary>
internal static class StatusCommand
{
    /// <summary>Creates the command with its options.</summary>
    public static Command Create(Shell shell, GlobalOptions globals)
    {
        var job = new Option<string?>("--job") { Description = "The copies and failures of one job.", HelpName = "ID" };
        var failed = new Option<bool>("--failed") { Description = "Only the failures." };
        var command = new ListingCommand("status", "Show the recorded copies, and what failed.") { job, failed };
        command.SetAction(parsed => (int)Show(shell, globals, parsed, parsed.GetValue(job), parsed.GetValue(failed)));
        return command;
    }

    private static ExitCode Show(Shell shell, GlobalOptions globals, ParseResult parsed, string? job, bool failedOnly)
    {
        if (globals.Load(parsed) is not { } config) return ExitCode.ConfigInvalid;
        var json = globals.Json(parsed);
        using var ledger = Ledger.OpenReadOnly(config, shell.Environment);
        if (ledger.Notice is { } notice) shell.Tell(notice);
        var output = new StatusOutput(shell, json);
        IReadOnlyList<RecordedFailure> failures = [.. ledger.Failures().Select(shell.Words.Of)];
        if (job is not null) RequireKnown(ledger, failures, job);
        if (job is not null) failures = [.. failures.Where(failure => failure.JobId == job)];

        // With --failed the copies are counted too, but not shown.
        var (copies, bytes) = job is null ? Places(ledger, failedOnly ? null : output) : Copies(ledger, failedOnly ? null : output, job);
        if (!json && !failedOnly && copies > 0 && failures.Count > 0) shell.Out.WriteLine();
        output.Show(failures);
        var webhooks = job is null && !failedOnly ? WebhookStatus.Of(config, ledger) : [];
        if (!json && copies + failures.Count > 0 && webhooks.Count > 0) shell.Out.WriteLine();
        output.Show(webhooks);
        if (json) JsonLines.Write(shell.Out, "status", writer =>
        {
            writer.WriteString("workDir", config.WorkDir);
            writer.WriteNumber("copies", copies);
            writer.WriteNumber("bytes", bytes);
            writer.WriteNumber("failures", failures.Count);
        });
        else
        {
            var place = config.Ledger?.ToString() ?? config.WorkDir;
            shell.Out.WriteLine(SafeText.Show(shell.Words.Of(Summary(job, failedOnly, copies, bytes, failures.Count, place))));
        }

        return ExitCode.Ok;
    }

    // A job is known by its copies, including those replaced since, or by its failures.
    private static void RequireKnown(Ledger ledger, IReadOnlyList<RecordedFailure> failures, string job)
    {
        if (failures.Any(failure => failure.JobId == job) || ledger.Copies(job).Any()) return;
        var known = ledger.Jobs().Concat(failures.Select(failure => failure.JobId).OfType<string>()).ToHashSet(StringComparer.Ordinal);
        throw new FailureException(CommandFailure.JobUnknown(job, known));
    }

    private static (long Copies, long Bytes) Places(Ledger ledger, StatusOutput? output)
    {
        var places = ledger.Summary();
        output?.Show(places);
        return (places.Sum(place => (long)place.Copies), places.Sum(place => place.Bytes));
    }

    private static (long Copies, long Bytes) Copies(Ledger ledger, StatusOutput? output, string job)
    {
        IReadOnlyList<RecordedCopy> copies = [.. ledger.Copies(job)];
        output?.Show(copies);
        return (copies.Count, copies.Sum(copy => copy.Receipt.Size));
    }

    private static string Summary(string? job, bool failedOnly, long copies, long bytes, int failures, string place)
    {
        var of = job is null ? "" : $" of job {job}";
        // Verify finds lost copies again each time and keeps no list of them.
        if (failedOnly && failures == 0) return $"nothing{of} failed; nassync verify says which copies are lost";
        if (failedOnly) return $"{Amounts.Count(failures, "failure", "failures")}{of}";
        if (job is null && copies == 0 && failures == 0) return $"nothing was synced yet: the ledger in {place} is empty";
        return $"{Amounts.Count(copies, "copy", "copies")}{of} ({Amounts.Size(bytes)}), {Amounts.Count(failures, "failure", "failures")}";
    }
}
