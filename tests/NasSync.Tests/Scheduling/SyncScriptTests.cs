using System.Diagnostics;
using NasSync.Scheduling;
using NasSync.Tests.Support;

namespace NasSync.Tests.Scheduling;

public sealed class SyncScriptTests
{
    [Theory]
    [InlineData("plain", "'plain'")]
    [InlineData("", "''")]
    [InlineData("Ada's", "'Ada''s'")]
    [InlineData("Ada\u2019s \u2018x\u201A\u201B", "'Ada\u2019\u2019s \u2018\u2018x\u201A\u201A\u201B\u201B'")]
    [InlineData("a%TEMP%b", "('a' + [char]37 + 'TEMP' + [char]37 + 'b')")]
    [InlineData("$(Arg0)", "('' + [char]36 + '(Arg0)')")]
    public void A_path_is_a_literal_in_which_nothing_is_replaced(string text, string literal) => Assert.Equal(literal, PowerShellText.Literal(text));

    [RequiresFact("pwsh")]
    public void PowerShell_reads_every_literal_as_the_text_it_stands_for()
    {
        string[] texts = ["plain", "", "Ada's \u2018x\u2019", "%a%$b$(Arg0)", "$", "%%", "`back`tick\"quote\"", "-dash", "Wörk & 音 ;|<>", "a\\b\\"];
        var script = $"@({string.Join(", ", texts.Select(PowerShellText.Literal))}) | ConvertTo-Json -Compress";
        using var process = Process.Start(new ProcessStartInfo("pwsh", ["-NoProfile", "-NonInteractive", "-Command", script])
        {
            RedirectStandardOutput = true,
            StandardOutputEncoding = System.Text.Encoding.UTF8,
        })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(texts, System.Text.Json.JsonSerializer.Deserialize<string[]>(output));
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "\"\"")]
    [InlineData("two words", "\"two words\"")]
    [InlineData("a\"b", "\"a\\\"b\"")]
    [InlineData(@"C:\a b\", "\"C:\\a b\\\\\"")]
    [InlineData("a\\\"b", "\"a\\\\\\\"b\"")]
    [InlineData(@"C:\a\", @"C:\a\")]
    public void An_argument_is_quoted_as_Windows_takes_it_apart(string argument, string quoted) =>
        Assert.Equal(quoted, WindowsArguments.Join([argument]));

    [Fact]
    public void The_command_has_nothing_that_a_scheduler_replaces_and_no_quote_of_its_own()
    {
        var script = new SyncScript("pwsh", "/m/%x%/NasSync.psd1", "/c/$(Arg1)/nas-sync.yaml") { ExecutionPolicy = "RemoteSigned" };
        Assert.Equal(["-NoProfile", "-NonInteractive", "-ExecutionPolicy", "RemoteSigned", "-Command"], script.Arguments.SkipLast(1));
        Assert.DoesNotContain("$(", script.Arguments[^1]);
        Assert.DoesNotContain("%", script.Arguments[^1]);
        Assert.DoesNotContain("\"", script.Arguments[^1]);
    }
}
