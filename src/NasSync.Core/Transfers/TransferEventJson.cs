using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace NasSync.Transfers;

/// <summary>
/// Writes events as JSON, one object per line, for <c>sync --json</c> and the log file. Every line about an item has <c>event, jobId, artifact,
/// destination, target, size, sha256, verifiedBy, durability</c>, null for unknown values; enum values are camelCase.
/// </summary>
public static class TransferEventJson
{
    /// <summary>
    /// Relaxed escaping: letters of every script stay readable, and none of this ever goes into HTML. Control characters are still escaped, so an
    /// event is always a single line.
    /// </summary>
    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An event as one line, without a line end.</summary>
    /// <param name="transferEvent">The event.</param>
    /// <param name="time">Written first, as <c>time</c>, in UTC; null writes none.</param>
    public static string ToLine(TransferEvent transferEvent, DateTimeOffset? time = null)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Options)) Write(json, transferEvent, time);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Writes one event as one object.</summary>
    public static void Write(Utf8JsonWriter json, TransferEvent transferEvent, DateTimeOffset? time = null)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(transferEvent);
        json.WriteStartObject();
        if (time is { } at) json.WriteString("time", at.UtcDateTime);
        json.WriteString("event", transferEvent.Name);
        switch (transferEvent)
        {
            case TransferEvent.Warned { Notice: var notice }:
                json.WriteString("code", notice.Code);
                json.WriteString("message", notice.Message);
                json.WriteString("hint", notice.Hint);
                break;
            case TransferEvent.Planned planned:
                json.WriteString("jobId", planned.Manifest.JobId);
                json.WriteString("manifest", planned.Manifest.Path);
                json.WriteString("generation", planned.Manifest.Generation);
                json.WriteNumber("items", planned.Plan.Items.Count);
                json.WriteNumber("bytes", planned.Plan.BytesToSend);
                break;
            case TransferEvent.Started started:
                WritePlace(json, started.Item);
                json.WriteNumber("size", started.Item.BytesToSend);
                break;
            case TransferEvent.Progress progress:
                WritePlace(json, progress.Item);
                json.WriteNumber("size", progress.Item.BytesToSend);
                json.WriteNumber("bytes", progress.Bytes);
                break;
            case TransferEvent.Retrying retrying:
                WritePlace(json, retrying.Item);
                json.WriteNumber("delayMs", Milliseconds(retrying.Delay));
                WriteFailure(json, retrying.Failure);
                break;
            case TransferEvent.Committed committed:
                WriteItem(json, committed.Item, committed.Receipt);
                json.WriteNumber("elapsedMs", Milliseconds(committed.Elapsed));
                WriteGivesWay(json, committed.Item);
                break;
            case TransferEvent.Skipped skipped:
                WriteItem(json, skipped.Item, null);
                json.WriteString("kind", Camel(skipped.Kind));
                if (skipped.Item.IsAdopted) json.WriteBoolean("adopted", true);
                json.WriteString("reason", skipped.Item.Reason);
                break;
            case TransferEvent.Failed failed:
                if (failed.Item is { } item) WriteItem(json, item, null);
                else WriteItem(json, failed);
                json.WriteString("subject", failed.Subject);
                WriteFailure(json, failed.Failure);
                break;
            case TransferEvent.Released released:
                json.WriteString("jobId", released.Manifest.JobId);
                json.WriteString("artifact", released.Artifact.Path);
                json.WriteString("source", $"{released.Manifest.Folder}/{released.Artifact.Path}");
                break;
            case TransferEvent.JobCleared cleared:
                json.WriteString("jobId", cleared.Manifest.JobId);
                json.WriteString("manifest", cleared.Manifest.Path);
                json.WriteString("movedTo", cleared.MovedTo);
                break;
            case TransferEvent.JobFinished job:
                json.WriteString("jobId", job.JobId);
                json.WriteString("manifest", job.ManifestPath);
                WriteResult(json, job.Result);
                break;
            case TransferEvent.Finished finished:
                WriteResult(json, finished.Result);
                break;
            default:
                throw new NotSupportedException($"event {transferEvent.Name} has no JSON form");
        }

        json.WriteEndObject();
    }

    /// <summary>Writes <c>class, code, message, hint, transient</c> into the current object.</summary>
    public static void WriteFailure(Utf8JsonWriter json, Failure failure)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(failure);
        json.WriteString("class", Camel(failure.Class));
        json.WriteString("code", failure.Code);
        json.WriteString("message", failure.Message);
        json.WriteString("hint", failure.Hint);
        json.WriteBoolean("transient", failure.IsTransient);
        if (failure.RetryAfter is { } wait) json.WriteNumber("retryAfterMs", Milliseconds(wait));
    }

    /// <summary>The JSON form of an enum value: camelCase.</summary>
    public static string Camel<T>(T value) where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    private static void WritePlace(Utf8JsonWriter json, PlanItem? item)
    {
        json.WriteString("jobId", item?.JobId);
        json.WriteString("artifact", item?.Artifact.Path);
        json.WriteString("destination", item?.Target?.Destination);
        json.WriteString("target", item?.Target?.Display);
    }

    private static void WriteItem(Utf8JsonWriter json, TransferEvent.Failed failed)
    {
        json.WriteString("jobId", failed.JobId);
        json.WriteString("artifact", failed.ArtifactPath);
        json.WriteString("destination", failed.Target?.Destination);
        json.WriteString("target", failed.Target?.Display);
        foreach (var unknown in (string[])["size", "sha256", "verifiedBy", "durability"]) json.WriteNull(unknown);
    }

    private static void WriteItem(Utf8JsonWriter json, PlanItem? item, CommitReceipt? receipt)
    {
        WritePlace(json, item);
        if ((receipt?.Size ?? item?.Source?.Size ?? item?.Artifact.Size) is { } size) json.WriteNumber("size", size);
        else json.WriteNull("size");
        json.WriteString("sha256", receipt?.Sha256 ?? item?.Sha256);
        json.WriteString("verifiedBy", receipt is null ? null : Camel(receipt.VerifiedBy));
        json.WriteString("durability", receipt is null ? null : Camel(receipt.Durability));
    }

    /// <summary>
    /// Writes <c>replaced</c> (what is known of a file that the copy replaces) and <c>respells</c> (the former name of the job's own copy) into the
    /// current object. Each is written only if there is one, since most copies replace nothing.
    /// </summary>
    public static void WriteGivesWay(Utf8JsonWriter json, PlanItem item)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(item);
        if (item.Respells is { } former) json.WriteString("respells", former.Target.Display);
        if (item.Replaced is not { } replaced) return;
        json.WriteStartObject("replaced");
        json.WriteNumber("size", replaced.Size);
        json.WriteString("sha256", replaced.Sha256);
        json.WriteString("jobId", replaced.JobId);
        json.WriteString("artifact", replaced.Artifact);
        json.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter json, SyncResult result)
    {
        json.WriteNumber("manifests", result.Manifests);
        json.WriteNumber("committed", result.Committed);
        json.WriteNumber("unchanged", result.Unchanged);
        json.WriteNumber("alreadyPresent", result.AlreadyPresent);
        json.WriteNumber("skipped", result.Skipped);
        json.WriteNumber("failed", result.Failed);
        json.WriteNumber("released", result.Released);
        json.WriteNumber("bytes", result.Bytes);
        json.WriteNumber("elapsedMs", Milliseconds(result.Elapsed));
        json.WriteBoolean("stopped", result.Stopped);
        json.WriteBoolean("dryRun", result.DryRun);
        json.WriteNumber("exitCode", (int)result.ExitCode);
    }

    private static long Milliseconds(TimeSpan time) => (long)Math.Round(time.TotalMilliseconds);
}
