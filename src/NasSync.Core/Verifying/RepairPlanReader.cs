using System.Text.Json;
using NasSync.Failures;
using NasSync.Files;
using NasSync.Transfers;

namespace NasSync.Verifying;

/// <summary>Reads the files of <see cref="RepairPlanWriter"/>. The plan is complete; whether its entries still hold is checked by the run.</summary>
public static class RepairPlanReader
{
    /// <summary>Reads a plan.</summary>
    /// <exception cref="FailureException">Class Config, code RepairPlanInvalid: the file is not a repair plan, or has a version that this program
    /// does not know. Code RepairPlanNoFile: it is missing, or not a file. Otherwise it cannot be read.</exception>
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
            // The JSON reader's message is not used, because it quotes the file's content, which may be anything.
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

    // A path that is not a file is the user's mistake; any other error comes from the system.
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
