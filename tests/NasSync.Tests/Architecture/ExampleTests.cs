using System.Text.RegularExpressions;
using NasSync.Config;
using NasSync.Manifests;
using NasSync.Tests.Support;

namespace NasSync.Tests.Architecture;

/// <summary>What the pages show as examples must be what the program takes.</summary>
public sealed class ExampleTests
{
    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/configuration.md")]
    [InlineData("docs/webhooks.md")]
    public void The_configurations_in_the_pages_have_no_mistake(string page)
    {
        using var folder = new TempFolder();
        var examples = Blocks(page, "yaml");
        Assert.NotEmpty(examples);
        Assert.All(examples, example => Assert.Empty(Load(folder.Write("nas-sync.yaml", example), []).Problems));
    }

    [Fact]
    public void The_manifest_in_the_page_can_be_read()
    {
        var example = System.Text.Encoding.UTF8.GetBytes(Blocks("docs/manifest.md", "json").Single());
        Assert.Equal("job_20260114_7f3a", ManifestReader.Read(new MemoryStream(example), "/job/manifest.json").JobId);
    }

    [Fact]
    public void Every_variable_in_the_page_is_one_that_is_read()
    {
        var names =
            from line in File.ReadLines(Repository.At("docs/configuration.md")).SkipWhile(line => line != "## Environment")
            where line.StartsWith('|')
            from Match match in Regex.Matches(line.Split('|')[1], "`([A-Z0-9_]+)(<KEY>)?`")
            select match.Groups[1].Value + (match.Groups[2].Success ? "AUDIO" : "");
        var variables = names.ToDictionary(name => name, _ => "");
        Assert.InRange(variables.Count, 24, 40);
        Assert.Empty(Load(null, variables).Problems);
    }

    private static List<string> Blocks(string page, string language) =>
        [.. Regex.Matches(File.ReadAllText(Repository.At(page)), $@"^```{language}\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)
            .Select(match => match.Groups[1].Value)];

    private static ConfigResult Load(string? file, Dictionary<string, string> variables) =>
        ConfigLoader.Load(
            new() { FilePath = file, Environment = variables.Append(new("HOME", "/home/someone")).ToDictionary(), CurrentFolder = "/" });
}
