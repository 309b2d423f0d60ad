using System.Text.Json;
using NasSync.Transfers;
using NasSync.Webhooks;

namespace NasSync.Service.Output;

/// <summary>Shows what the ledger records: places, copies, failures; as tables or as JSON lines.</summary>
internal sealed class StatusOutput(Shell shell, bool json)
{
    private static readonly Column[] Places =
        [new("destination"), new("root", Shrinks: true), new("jobs", Right: true), new("copies", Right: true), new("size", Right: true), new("last")];

    private static readonly Column[] CopyColumns =
        [new("artifact", Shrinks: true), new("target", Shrinks: true), new("size", Right: true), new("verified"), new("durable"), new("when")];

    private static readonly Column[] FailureColumns =
        [
            new("id", Right: true),
            new("what", Shrinks: true),
            new("target", Shrinks: true),
            new("tries", Right: true),
            new("last"),
            new("next try"),
            new("failure"),
        ];

    private static readonly Column[] Webhooks =
        [
            new("webhook", Shrinks: true),
            new("waiting", Right: true),
            new("next"),
            new("delivered", Right: true),
            new("last"),
            new("dropped", Right: true),
        ];

    /// <summary>Shows each destination with its totals.</summary>
    public void Show(IReadOnlyList<DestinationSummary> places)
    {
        if (!json)
        {
            TextTable.Write(shell, Places, [.. places.Select(place => new Row(
            [
                place.Destination,
                place.Root,
                Number(place.Jobs),
                Number(place.Copies),
                Amounts.Size(place.Bytes),
                Amounts.Time(place.LastCommittedAt),
            ]))]);
            return;
        }

        foreach (var place in places)
        {
            JsonLines.Write(shell.Out, "destination", writer =>
            {
                writer.WriteString("destination", place.Destination);
                writer.WriteString("root", place.Root);
                writer.WriteNumber("jobs", place.Jobs);
                writer.WriteNumber("copies", place.Copies);
                writer.WriteNumber("bytes", place.Bytes);
                writer.WriteString("lastCommittedAt", place.LastCommittedAt.UtcDateTime);
            });
        }
    }

    /// <summary>Shows the copies of one job.</summary>
    public void Show(IReadOnlyList<RecordedCopy> copies)
    {
        if (!json)
        {
            TextTable.Write(shell, CopyColumns, [.. copies.Select(copy => new Row(
                [
                    copy.Artifact, copy.Target.Display, Amounts.Size(copy.Receipt.Size), TableOutput.Words(copy.Receipt.VerifiedBy),
                    TransferEventJson.Camel(copy.Receipt.Durability), Amounts.Time(copy.Receipt.CommittedAt),
                ],
                Notes: copy.SupersededBy is { } other ? [$"replaced by job {other}"] : null))]);
            return;
        }

        foreach (var copy in copies)
        {
            JsonLines.Write(shell.Out, "copy", writer =>
            {
                writer.WriteString("jobId", copy.JobId);
                writer.WriteString("artifact", copy.Artifact);
                writer.WriteString("destination", copy.Target.Destination);
                writer.WriteString("target", copy.Target.Display);
                writer.WriteNumber("size", copy.Receipt.Size);
                writer.WriteString("sha256", copy.Receipt.Sha256);
                writer.WriteString("verifiedBy", TransferEventJson.Camel(copy.Receipt.VerifiedBy));
                writer.WriteString("durability", TransferEventJson.Camel(copy.Receipt.Durability));
                writer.WriteString("committedAt", copy.Receipt.CommittedAt.UtcDateTime);
                writer.WriteString("supersededBy", copy.SupersededBy);
            });
        }
    }

    /// <summary>Shows the failures, each with its cure.</summary>
    public void Show(IReadOnlyList<RecordedFailure> failures)
    {
        if (!json)
        {
            TextTable.Write(shell, FailureColumns, [.. failures.Select(failure => new Row(
                [
                    Number(failure.Id), What(failure), failure.Target?.Display ?? "", Number(failure.Attempts), Amounts.Time(failure.LastAt),
                    failure.NextAt is { } next ? Amounts.Time(next) : "parked", failure.Failure.Message,
                ],
                !failure.IsParked ? Tone.Warning : Tone.Bad,
                [$"{failure.Failure.Hint} [{failure.Failure.Code}]"]))]);
            return;
        }

        foreach (var failure in failures)
        {
            JsonLines.Write(shell.Out, "failure", writer =>
            {
                writer.WriteNumber("id", failure.Id);
                writer.WriteString("subject", failure.Subject);
                writer.WriteString("jobId", failure.JobId);
                writer.WriteString("artifact", failure.Artifact);
                writer.WriteString("destination", failure.Target?.Destination);
                writer.WriteString("target", failure.Target?.Display);
                TransferEventJson.WriteFailure(writer, failure.Failure);
                writer.WriteNumber("attempts", failure.Attempts);
                writer.WriteString("firstAt", failure.FirstAt.UtcDateTime);
                writer.WriteString("lastAt", failure.LastAt.UtcDateTime);
                Time(writer, "nextAt", failure.NextAt);
                writer.WriteBoolean("parked", failure.IsParked);
                writer.WriteString("manifest", failure.ManifestPath);
            });
        }
    }

    /// <summary>Shows the state of the webhooks.</summary>
    public void Show(IReadOnlyList<WebhookStatus> webhooks)
    {
        if (!json)
        {
            TextTable.Write(shell, Webhooks, [.. webhooks.Select(hook => new Row(
                [
                    hook.Url ?? "(no longer configured)",
                    Number(hook.Waiting),
                    hook.NextAt is { } next ? Amounts.Time(next) : "",
                    Number(hook.Delivered),
                    hook.DeliveredAt is { } last ? Amounts.Time(last) : "never", Number(hook.Dropped),
                ],
                hook.Error is null ? Tone.Plain : Tone.Warning,
                hook.Error is { } error ? [$"{error} (last tried {Amounts.Time(hook.FailedAt!.Value)})"] : null))]);
            return;
        }

        foreach (var hook in webhooks)
        {
            JsonLines.Write(shell.Out, "webhook", writer =>
            {
                writer.WriteString("url", hook.Url);
                writer.WriteNumber("waiting", hook.Waiting);
                Time(writer, "nextAt", hook.NextAt);
                writer.WriteNumber("delivered", hook.Delivered);
                writer.WriteNumber("dropped", hook.Dropped);
                Time(writer, "deliveredAt", hook.DeliveredAt);
                Time(writer, "failedAt", hook.FailedAt);
                writer.WriteString("error", hook.Error);
            });
        }
    }

    private static void Time(Utf8JsonWriter writer, string name, DateTimeOffset? time)
    {
        if (time is { } at) writer.WriteString(name, at.UtcDateTime);
        else writer.WriteNull(name);
    }

    // The subject contains the target too, which has its own column.
    private static string What(RecordedFailure failure) => failure.Artifact is { } artifact ? $"{failure.JobId}: {artifact}" : failure.Subject;

    private static string Number(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
