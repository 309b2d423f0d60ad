using System.Text.Json;
using NasSync.Failures;
using NasSync.Files;
using NasSync.Transfers;

namespace NasSync.Verifying;

/// <summary>Reads what <see cref="RepairPlanWriter"/> wrote. What it returns is complete; whether it still holds, the run finds out.</summary>
public static class RepairPlanReader
{
    /// <summary>Reads a plan.</summary>
    /// <exception cref="FailureException">Class Config, code RepairPlanInvalid: it is no repair plan, or of a version that this program does not
    /// know; or RepairPlanNoFile: it is not there, or no file. Else it cannot be read.</exception>
    public static RepairPlan Read(string path)
    {
        var full = Path.GetFullPath(path);
        try
        {
            using var file = NamedFile.OpenRead(full);
            using var json = JsonDocument.Parse(file);
            var plan = json.RootElement;
            var version = plan.GetProperty("nassyncRepairPlan").GetInt32();
            if (version != RepairPlanWriter.Version)
                throw Invalid(full, $"it is of version {version}, and this program knows version {RepairPlanWriter.Version}", null);
            return new RepairPlan(plan.GetProperty("createdAt").GetDateTimeOffset(), [.. plan.GetProperty("entries").EnumerateArray().Select(Entry)]);
        }
        catch (JsonException e)
        {
            // The reader's own message repeats what it found, and a file that is no JSON may be anything.
            throw Invalid(full, FormattableString.Invariant($"it is not JSON from line {e.LineNumber + 1} on"), e);
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException or OverflowException)
        {
            throw Invalid(full, e.Message.TrimEnd('.'), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException(Unreadable(e, full), e);
        }
    }

    // What is no file was named by mistake; every other trouble is the system's.
    private static Failure Unreadable(Exception error, string path)
    {
        var failure = SystemFailure.FromException(error, "read the repair plan", path);
        return error is NoFileException || failure.Code is "NotFound" or "IsAFolder" or "NotAFolder"
            ? failure with
            {
                Class = FailureClass.Config,
                Code = RepairScope.PlanNoFileCode,
                Hint = "Name a plan that is there, or write one: nassync verify --plan FILE",
            }
            : failure;
    }

    private static RepairEntry Entry(JsonElement entry) => new()
    {
        JobId = Text(entry, "jobId"),
        Artifact = Text(entry, "artifact"),
        Manifest = entry.GetProperty("manifest").GetString(),
        Requested = TargetOf(entry.GetProperty("requested")),
        Target = TargetOf(entry.GetProperty("target")),
        Finding = Text(entry, "finding") switch
        {
            "missing" => CopyState.Missing,
            "drifted" => CopyState.Drifted,
            "damaged" => CopyState.Damaged,
            var other => throw new FormatException($"a finding cannot be {Failure.Quote(other)}"),
        },
        Sha256 = entry.GetProperty("sha256").GetString(),
        CommittedAt = entry.GetProperty("committedAt").GetDateTimeOffset(),
        Found = entry.GetProperty("found") is { ValueKind: JsonValueKind.Object } found
            ? new FileState(
                found.GetProperty("size").GetInt64(),
                found.GetProperty("mtimeNs").GetInt64(),
                found.GetProperty("inode").GetUInt64(),
                found.GetProperty("device").GetUInt64())
            : null,
        FoundSha256 = entry.GetProperty("foundSha256").GetString(),
        Repair = entry.TryGetProperty("repair", out var repair) && Enum.TryParse<RepairKind>(repair.GetString(), ignoreCase: true, out var kind)
            ? kind
            : RepairKind.None,
    };

    private static Target TargetOf(JsonElement target) => new()
    {
        Destination = Text(target, "destination"),
        Root = Text(target, "root"),
        Path = Text(target, "path"),
    };

    private static string Text(JsonElement element, string name) =>
        element.GetProperty(name).GetString() ?? throw new FormatException($"{name} is missing");

    private static FailureException Invalid(string path, string why, Exception? cause) => new(
        new Failure(
            FailureClass.Config,
            RepairScope.PlanInvalidCode,
            $"{Failure.Quote(path)} is no repair plan that can be carried out: {Failure.Quote(why)}.",
            "Write a new one: nassync verify --plan FILE"),
        cause);
}
