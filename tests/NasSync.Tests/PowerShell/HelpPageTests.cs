using System.Text.RegularExpressions;
using NasSync.Tests.Support;

namespace NasSync.Tests.PowerShell;

/// <summary>The pages of docs/cmdlets are the source of the module's help; they say all there is, and nothing that is not.</summary>
public sealed class HelpPageTests
{
    private static readonly string[] Headings =
        ["SYNOPSIS", "SYNTAX", "DESCRIPTION", "EXAMPLES", "PARAMETERS", "INPUTS", "OUTPUTS", "NOTES", "RELATED LINKS"];
    private static readonly string[] Topics = ["about_NasSync", "about_NasSync_Routes", "about_NasSync_Scheduling"];

    public static TheoryData<string> Names => [.. CmdletShape.All.Select(cmdlet => cmdlet.Name).Order(StringComparer.Ordinal)];

    [Fact]
    public void Every_cmdlet_has_a_page_and_every_page_a_cmdlet() =>
        Assert.Equal(CmdletShape.All.Select(cmdlet => cmdlet.Name).Order(StringComparer.Ordinal), HelpPage.All.Select(page => page.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_page_has_every_section_in_order_and_none_is_empty(string name)
    {
        var page = Page(name);
        Assert.Equal(Headings, Regex.Matches(page.Text, "(?m)^## (.*)$").Select(match => match.Groups[1].Value));
        Assert.StartsWith($"# {name}\n", page.Text, StringComparison.Ordinal);
        Assert.All(Headings, heading => Assert.NotEqual("", page.Section(heading).Trim()));
        Assert.Matches(@"^[A-Z][^\n]*[.?]$", page.Section("SYNOPSIS").Trim());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_parameter_is_described_and_no_other(string name)
    {
        var cmdlet = CmdletShape.Of(name);
        string[] asking = cmdlet.SupportsShouldProcess ? ["-WhatIf", "-Confirm"] : [];
        var expected = cmdlet.Parameters.Select(parameter => $"-{parameter.Name}").Concat(asking);
        Assert.Equal(expected.Order(StringComparer.Ordinal), Page(name).Parameters.Keys.Order(StringComparer.Ordinal));
        Assert.All(Page(name).Parameters, parameter => Assert.Matches(@"^[A-Z][\s\S]*\.$", HelpPage.Prose(parameter.Value)));
        Assert.All(Page(name).Parameters, parameter => Assert.Single(Regex.Matches(parameter.Value, "(?m)^Default: .+$")));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_page_speaks_only_of_parameters_that_exist(string name)
    {
        string[] others = ["First", "Verbose", "Confirm", "WhatIf"];
        var known = CmdletShape.All.SelectMany(cmdlet => cmdlet.Parameters).SelectMany(parameter => parameter.Names).Concat(others).ToHashSet();
        var text = Regex.Replace(Page(name).Text, @"<!--.*?-->|^```.*?^```$|\]\([^)]*\)", "", RegexOptions.Multiline | RegexOptions.Singleline);
        Assert.All(Regex.Matches(text, @"(?<![\w-])-([A-Z]\w+)").Select(match => match.Groups[1].Value), word => Assert.Contains(word, known));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_facts_in_a_page_are_those_of_the_cmdlet(string name) =>
        Golden.Check($"../../docs/cmdlets/{name}.md", Page(name).WithFacts(CmdletShape.Of(name)));

    [Theory]
    [MemberData(nameof(Names))]
    public void Two_examples_are_worked_one_for_people_and_one_for_schedulers(string name)
    {
        var examples = Page(name).Examples;
        Assert.Equal(["Example 1: interactive", "Example 2: unattended"], examples.Keys);
        Assert.All(examples.Values, example => Assert.Matches($@"```powershell\n[\s\S]*\b{name}\b[\s\S]*```", example));
        Assert.All(examples.Values, example => Assert.Matches(@"^[A-Z][\s\S]*\.$", HelpPage.Prose(example)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_binds_from_the_pipeline_and_what_comes_out_is_told(string name)
    {
        var cmdlet = CmdletShape.Of(name);
        var taken = cmdlet.Parameters.Where(parameter => parameter.Uses.Values.Any(use => use.FromPipeline))
            .Select(parameter => parameter.ElementType.FullName!)
            .ToList();
        Assert.All(taken.DefaultIfEmpty("None"), type => Assert.Contains(type, Page(name).Inputs.Keys));
        Assert.Equal(cmdlet.OutputTypes.Select(type => type == typeof(void) ? "None" : type.FullName).Order(), Page(name).Outputs.Keys.Order());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Links_lead_to_other_pages(string name)
    {
        var links = Page(name).Links.ToList();
        Assert.InRange(links.Count, 2, 8);
        Assert.Contains(links, link => CmdletShape.All.Any(cmdlet => cmdlet.Name != name && link == $"{cmdlet.Name}.md"));
        Assert.All(links, link => Assert.True(File.Exists(Repository.At(Path.Combine("docs/cmdlets", link))), link));
    }

    [Fact]
    public void The_page_of_the_module_leads_to_every_cmdlet()
    {
        var text = File.ReadAllText(Repository.At("docs/powershell.md"));
        Assert.All(CmdletShape.All, cmdlet => Assert.Contains($"(cmdlets/{cmdlet.Name}.md)", text, StringComparison.Ordinal));
    }

    [Fact]
    public void The_topics_are_there_and_name_cmdlets_that_exist()
    {
        var known = CmdletShape.All.Select(cmdlet => cmdlet.Name).ToHashSet();
        Assert.All(Topics, topic =>
        {
            var lines = File.ReadAllLines(Repository.At($"module/en-US/{topic}.help.txt"));
            Assert.Equal(["TOPIC", $"    {topic}", "", "SHORT DESCRIPTION"], lines.Take(4));
            Assert.All(lines, line => Assert.InRange(line.Length, 0, 80));
            Assert.All(
                Regex.Matches(string.Join('\n', lines), @"\b[A-Z][a-z]+-[A-Za-z]*Sync[A-Za-z]*\b").Select(match => match.Value),
                name => Assert.Contains(name, known));
        });
    }

    private static HelpPage Page(string name) => HelpPage.All.Single(page => page.Name == name);
}
