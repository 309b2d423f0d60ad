using System.Globalization;
using System.Text.Json;
using NasSync.Tests.Support;

namespace NasSync.Tests.Service;

/// <summary>
/// Names that could split a line, drive a terminal or turn the reading direction arrive as they are, and are shown as what they are.
/// </summary>
public sealed class OddNamesShownTests
{
    private static readonly string[] Names =
    [
        "line\nfeed.m4a", "tab\there.m4a", "\u001b[31mred.m4a", "bell\a.m4a", "\u202egpj.m4a", "\u2067turned.m4a", "\u2028line.m4a", "   ", "-rf",
        "c1\u009b31m.m4a", "🎵",
    ];

    [RequiresFact("linux")]
    public async Task Every_name_arrives_and_neither_table_nor_JSON_nor_log_holds_a_character_that_acts()
    {
        using var cli = new Cli();
        cli.WriteConfig("  logFile: log.jsonl");
        var job = cli.Job();
        foreach (var name in Names) job.Add(name, "audio");

        // One that fails, so that messages are shown too.
        job.Declare("gone\u001b[2J\n\u202e.m4a", "audio").Write();

        Assert.Equal(ExitCode.FailedForGood, await cli.RunAsync("sync"));
        AssertShown(cli.Out + cli.Error);
        Assert.Contains("\\u001b[31mred.m4a", cli.Out, StringComparison.Ordinal);
        Assert.Equal(Names.Order(StringComparer.Ordinal), cli.Folder.Files("nas/Audio").Select(file => file.Path));

        Assert.Equal(ExitCode.FailedForGood, await cli.RunAsync("sync", "--json"));
        AssertLines(cli.Out);
        Assert.Equal(Names.Length + 2, cli.Json.Count);
        Assert.Equal(ExitCode.Ok, await cli.RunAsync("status"));
        AssertShown(cli.Out + cli.Error);

        var log = await File.ReadAllTextAsync(cli.Folder["log.jsonl"]);
        AssertLines(log);
        Assert.All(
            log.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            line => Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(line).RootElement.ValueKind));
    }

    // For programs: a mark of direction is a character like any other, but nothing may end a line.
    private static void AssertLines(string text) => Assert.DoesNotContain(
        text, c => c != '\n'
            && char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static void AssertShown(string text) => Assert.DoesNotContain(
        text,
        c => c != '\n' && char.GetUnicodeCategory(c) is UnicodeCategory.Control
            or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
