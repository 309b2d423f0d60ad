using System.Globalization;
using NasSync.Destinations.Contract;
using NasSync.Transfers;

namespace NasSync.Service.Output;

/// <summary>Shows a destination's capabilities and the result of each promise as they arrive, as tables or as JSON lines.</summary>
internal sealed class DestinationTestOutput(Shell shell, bool json, string place)
{
    private static readonly Column[] Abilities = [new("can"), new("")];
    private static readonly Column[] Promises = [new("about"), new("promise", Shrinks: true), new("time", Right: true), new("result")];

    private readonly TextTable _table = new(
        shell,
        Promises,
        [.. DestinationCheck.Promises.Select(one => new Row([one.Group, one.Name, "00.0 s", ""]))]);
    private readonly Dictionary<ContractOutcome, int> _counts = [];
    private readonly long _start = shell.Time.GetTimestamp();

    /// <summary>Shows the place's capabilities; the promises follow.</summary>
    public void Show(Capabilities can)
    {
        if (json)
        {
            JsonLines.Write(shell.Out, "capabilities", writer =>
            {
                writer.WriteString("destination", place);
                writer.WriteString("server", can.Server);
                writer.WriteBoolean("atomicReplace", can.AtomicReplace);
                writer.WriteBoolean("createOnly", can.CreateOnly);
                writer.WriteBoolean("fsync", can.Fsync);
                writer.WriteString("serverHash", can.ServerHash);
                writer.WriteBoolean("resume", can.Resume);
                WriteNumber(writer, "mtimePrecisionNs", can.Mtime ? can.MtimePrecisionNs : null);
                if (can.CaseSensitive is { } sensitive) writer.WriteBoolean("caseSensitive", sensitive);
                else writer.WriteNull("caseSensitive");
                WriteNumber(writer, "longestName", can.LongestName);
                WriteNumber(writer, "freeBytes", can.FreeBytes);
            });
            return;
        }

        TextTable.Write(shell, Abilities,
        [
            new(["server", can.Server ?? "unknown"]),
            new(["replace in one step", YesOrNo(can.AtomicReplace)]),
            new(["create without replacing", YesOrNo(can.CreateOnly)]),
            new(["fsync", YesOrNo(can.Fsync)]),
            new(["compute hashes itself", can.ServerHash ?? "no"]),
            new(["resume a broken-off copy", YesOrNo(can.Resume)]),
            new(["keep times of change", can.Mtime ? $"to {Precision(can.MtimePrecisionNs ?? 0)}" : "no"]),
            new(["tell A from a in names", can.CaseSensitive is { } sensitive ? YesOrNo(sensitive) : "unknown"]),
            new(["longest name", can.LongestName is { } longest ? string.Create(CultureInfo.InvariantCulture, $"{longest} bytes") : "unknown"]),
            new(["free", can.FreeBytes is { } free ? Amounts.Size(free) : "unknown"]),
        ]);
        shell.Out.WriteLine();
        _table.WriteHeading();
    }

    /// <summary>Shows the result of one promise.</summary>
    public void Show(ContractResult result)
    {
        _counts[result.Outcome] = Count(result.Outcome) + 1;
        if (json)
        {
            JsonLines.Write(shell.Out, "promise", writer =>
            {
                writer.WriteString("destination", place);
                writer.WriteString("about", result.Group);
                writer.WriteString("name", result.Name);
                writer.WriteString("outcome", TransferEventJson.Camel(result.Outcome));
                writer.WriteString("detail", result.Detail);
                writer.WriteNumber("elapsedMs", (long)result.Elapsed.TotalMilliseconds);
            });
            return;
        }

        var (word, tone) = result.Outcome switch
        {
            ContractOutcome.Passed => ("kept", Tone.Good),
            ContractOutcome.Failed => ("BROKEN", Tone.Bad),
            _ => ("does not apply", Tone.Faint),
        };
        _table.WriteRow(new Row(
            [result.Group, result.Name, Amounts.Duration(result.Elapsed), word],
            tone,
            result.Detail is { } detail ? [detail] : null));
    }

    /// <summary>Shows the totals, and returns the exit code.</summary>
    public ExitCode End()
    {
        var exitCode = Count(ContractOutcome.Failed) == 0 ? ExitCode.Ok : ExitCode.FailedForGood;
        var elapsed = shell.Time.GetElapsedTime(_start);
        if (json)
        {
            JsonLines.Write(shell.Out, "tested", writer =>
            {
                writer.WriteString("destination", place);
                writer.WriteNumber("passed", Count(ContractOutcome.Passed));
                writer.WriteNumber("failed", Count(ContractOutcome.Failed));
                writer.WriteNumber("notApplicable", Count(ContractOutcome.NotApplicable));
                writer.WriteNumber("elapsedMs", (long)elapsed.TotalMilliseconds);
                writer.WriteNumber("exitCode", (int)exitCode);
            });
            return exitCode;
        }

        shell.Out.WriteLine();
        shell.Out.WriteLine(SafeText.Show(
            $"{place}: {Amounts.Count(Count(ContractOutcome.Passed), "promise", "promises")} kept, {Count(ContractOutcome.Failed)} broken, "
            + $"{Count(ContractOutcome.NotApplicable)} not applicable, in {Amounts.Duration(elapsed)}"));
        return exitCode;
    }

    private int Count(ContractOutcome outcome) => _counts.GetValueOrDefault(outcome);

    private static string Precision(long ns) => ns switch
    {
        >= 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{ns / 1_000_000_000} s"),
        >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{ns / 1_000_000} ms"),
        >= 1_000 => string.Create(CultureInfo.InvariantCulture, $"{ns / 1_000} µs"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{ns} ns"),
    };

    private static string YesOrNo(bool value) => value ? "yes" : "no";

    private static void WriteNumber(System.Text.Json.Utf8JsonWriter writer, string name, long? value)
    {
        if (value is { } number) writer.WriteNumber(name, number);
        else writer.WriteNull(name);
    }
}
