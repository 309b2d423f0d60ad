using NasSync.Config;
using NasSync.Transfers;

namespace NasSync.Service.Output;

/// <summary>
/// Shows an endless run, for people and for the system's journal: one line per event, as it happens. Failures and notices that need action come with
/// their cure.
/// </summary>
internal sealed class WatchOutput(Shell shell, LogLevel level) : IRunOutput
{
    // The journal adds the time to each line by itself.
    private readonly bool _isTimed = !shell.Environment.ContainsKey("JOURNAL_STREAM");

    /// <inheritdoc/>
    public void Show(TransferEvent transferEvent)
    {
        if (EventLog.LevelOf(transferEvent) < level) return;
        foreach (var line in Lines(transferEvent))
            shell.Out.WriteLine(SafeText.Show(_isTimed ? $"{Amounts.Time(shell.Time.GetUtcNow())} {line}" : line));
    }

    private static string[] Lines(TransferEvent transferEvent) => transferEvent switch
    {
        TransferEvent.Warned(var notice) => [$"{Shell.Prefix(notice)}: {notice}"],
        TransferEvent.Retrying(var item, var failure, var delay) =>
            [FormattableString.Invariant($"retry in {delay.TotalSeconds:0.#} s: {Place(item)}: {failure.Message}")],
        TransferEvent.Committed(var item, var receipt, var elapsed) =>
            [
                $"copied: {Place(item)} ({Amounts.Size(receipt.Size)} in {Amounts.Duration(elapsed)}, "
                    + $"{TableOutput.Words(receipt.VerifiedBy)}, {TableOutput.Words(receipt.Durability)}{TableOutput.Replaced(item)})"
                    + TableOutput.Beside(item),
            ],
        TransferEvent.Skipped(_, SkipKind.Unchanged) => [],
        TransferEvent.Skipped(var item, SkipKind.AlreadyPresent) => [$"{TableOutput.AlreadyThere(item)}: {Place(item)}"],
        TransferEvent.Skipped(var item, _) => [$"skipped: {Place(item)}: {item.Reason}"],
        TransferEvent.Released(var manifest, var artifact) => [$"source removed: {manifest.JobId}/{artifact.Path}"],
        TransferEvent.JobCleared(var manifest, var movedTo) =>
            [movedTo is null ? $"job folder removed: {manifest.JobId}" : $"job folder moved: {manifest.JobId} to {movedTo}"],
        TransferEvent.Failed(var subject, var failure, var item) =>
            [$"FAILED: {Named(item is null ? subject : Place(item), failure.Message)}", $"  {failure.Hint} [{failure.Code}]"],

        // An unreadable manifest's failure was already shown.
        TransferEvent.JobFinished { JobId: null } => [],
        TransferEvent.JobFinished { Result: { Committed: > 0 } or { Failed: > 0 } } job => [$"job {job.JobId}: {TableOutput.Summary(job.Result)}"],
        TransferEvent.Finished(var result) => [TableOutput.Summary(result)],
        _ => [],
    };

    // Most messages about a whole manifest or folder already name it.
    private static string Named(string subject, string message) =>
        message.Contains(subject, StringComparison.Ordinal) ? message : $"{subject}: {message}";

    private static string Place(PlanItem item) => $"{item.JobId}/{item.Artifact.Path}{(item.Target is { } target ? $" -> {target}" : "")}";
}
