using NasSync.Config;
using NasSync.Transfers;

namespace NasSync.Service.Output;

/// <summary>Shows what a run did: one row per item, then one line of totals.</summary>
internal sealed class TableOutput(Shell shell, LogLevel level, Action beforeWriting) : RowOutput(shell, Columns, beforeWriting)
{
    private static readonly Column[] Columns =
    [
        new("job", Shrinks: true),
        new("artifact", Shrinks: true),
        new("target", Shrinks: true),
        new("size", Right: true),
        new("verified"),
        new("result"),
    ];

    /// <inheritdoc/>
    public override void Show(TransferEvent transferEvent)
    {
        if (transferEvent is TransferEvent.Finished { Result: var result }) End(Summary(result));
        else if (EventLog.LevelOf(transferEvent) < level) return;
        else if (ListsOnlyBadRows && transferEvent is TransferEvent.Skipped { Kind: SkipKind.Unchanged }) CountUnlisted();
        else if (ToRow(transferEvent) is { } row) Add(row);
    }

    /// <summary><c>2 jobs, 4 copied (1.2 MiB), 1 skipped, 0 failed in 0.3 s</c>.</summary>
    public static string Summary(SyncResult result)
    {
        List<string> parts = [Amounts.Count(result.Manifests, "job", "jobs")];
        if (result.Committed > 0) parts.Add(FormattableString.Invariant($"{result.Committed:N0} copied ({Amounts.Size(result.Bytes)})"));
        if (result.Unchanged > 0) parts.Add(FormattableString.Invariant($"{result.Unchanged:N0} unchanged"));
        if (result.AlreadyPresent > 0) parts.Add(FormattableString.Invariant($"{result.AlreadyPresent:N0} already there"));
        if (parts.Count == 1) parts.Add("0 copied");
        if (result.Skipped > 0) parts.Add(FormattableString.Invariant($"{result.Skipped:N0} skipped"));
        if (result.Released > 0) parts.Add($"{Amounts.Count(result.Released, "source", "sources")} removed");
        parts.Add(FormattableString.Invariant($"{result.Failed:N0} failed"));
        return $"{(result.Stopped ? "stopped: " : "")}{string.Join(", ", parts)} in {Amounts.Duration(result.Elapsed)}";
    }

    /// <summary>What a copy replaced, as the end of a clause; empty when it replaced nothing.</summary>
    public static string Replaced(PlanItem item) => item.Replaced switch
    {
        null => "",
        { JobId: null } => ", replaced a file that is not a recorded copy",
        { JobId: var job } when job != item.JobId => $", replaced the copy of job {job}",
        _ => ", replaced the previous version",
    };

    /// <summary>Why a copy has another name than its route asks for, as the end of a clause; empty when it has that name.</summary>
    public static string Beside(PlanItem item) =>
        item.Requested is { } requested && item.Target is { } target && requested.Key != target.Key ? $": {item.Reason}" : "";

    /// <summary>Says that an equal file was already there, and whether a record shows that NasSync copied it.</summary>
    public static string AlreadyThere(PlanItem item) => item.IsAdopted ? "already there, no record that NasSync copied it" : "already there";

    /// <summary>How a copy was verified, in words.</summary>
    public static string Words(VerifiedBy verifiedBy) => verifiedBy switch
    {
        VerifiedBy.SizeOnly => "size only",
        VerifiedBy.ReadBackCached => "read back (cached)",
        VerifiedBy.ServerHash => "server hash",
        VerifiedBy.SharedExtents => "same extents",
        _ => "read back",
    };

    /// <summary>How durable a copy is against a power failure, in words.</summary>
    public static string Words(Durability durability) => durability switch
    {
        Durability.Cached => "cached",
        Durability.ServerAcknowledged => "acknowledged",
        _ => "fsynced",
    };

    private static Row? ToRow(TransferEvent transferEvent) => transferEvent switch
    {
        TransferEvent.Committed(var item, var receipt, _) =>
            new(
                Start(item, receipt.Size, Words(receipt.VerifiedBy), $"copied, {Words(receipt.Durability)}{Replaced(item)}{Beside(item)}"),
                Tone.Good),
        TransferEvent.Skipped(var item, SkipKind.Unchanged) => new(Start(item, item.Source?.Size, "", "unchanged"), Tone.Faint),
        TransferEvent.Skipped(var item, SkipKind.AlreadyPresent) =>
            new(Start(item, item.Source?.Size, item.Sha256 is null ? "" : "same SHA-256", AlreadyThere(item)), Tone.Good),
        TransferEvent.Skipped(var item, _) => new(Start(item, item.Source?.Size, "", $"skipped: {item.Reason}"), Tone.Warning),
        TransferEvent.JobCleared(var manifest, var movedTo) =>
            new([manifest.JobId, "", "", "", "", movedTo is null ? "job folder removed" : $"job folder moved to {movedTo}"], Tone.Faint),
        TransferEvent.Released(var manifest, var artifact) => new([manifest.JobId, artifact.ToString(), "", "", "", "source removed"], Tone.Faint),
        TransferEvent.Failed(var subject, var failure, null) =>
            new(["", subject, "", "", "", $"FAILED: {failure.Message}"], Tone.Bad, [Cure(failure)]),
        TransferEvent.Failed(_, var failure, var item) =>
            new(Start(item, item.Source?.Size, "", $"FAILED: {failure.Message}"), Tone.Bad, [Cure(failure)]),
        _ => null,
    };

    private static string[] Start(PlanItem item, long? size, string verified, string result) =>
        [item.JobId, item.Artifact.ToString(), item.Target?.Display ?? "", size is { } bytes ? Amounts.Size(bytes) : "", verified, result];

    private static string Cure(Failure failure) => $"{failure.Hint} [{failure.Code}]";
}
