using System.Text;
using System.Text.RegularExpressions;
using NasSync.Tests.Support;

namespace NasSync.Tests.PowerShell;

/// <summary>A page of docs/cmdlets: prose that people write, and facts about parameters that are filled in from the cmdlets.</summary>
internal sealed partial class HelpPage
{
    private readonly Dictionary<string, string> _sections;

    private HelpPage(string name, string text)
    {
        Name = name;
        Text = text;
        _sections = Split(text, "##");
        Parameters = Split(Section("PARAMETERS"), "###");
        Inputs = Split(Section("INPUTS"), "###");
        Outputs = Split(Section("OUTPUTS"), "###");
        Examples = Split(Section("EXAMPLES"), "###");
    }

    public static IReadOnlyList<HelpPage> All { get; } =
    [
        .. from file in Directory.GetFiles(Repository.At("docs/cmdlets"), "*.md").Order(StringComparer.Ordinal)
           select new HelpPage(Path.GetFileNameWithoutExtension(file), File.ReadAllText(file).ReplaceLineEndings("\n")),
    ];

    public string Name { get; }

    public string Text { get; }

    /// <summary>The sections below PARAMETERS, by their titles: <c>-Path</c>.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; }

    public IReadOnlyDictionary<string, string> Inputs { get; }

    public IReadOnlyDictionary<string, string> Outputs { get; }

    public IReadOnlyDictionary<string, string> Examples { get; }

    /// <summary>The pages that it leads to, relative to its folder.</summary>
    public IEnumerable<string> Links => Link().Matches(Section("RELATED LINKS")).Select(match => match.Groups[1].Value);

    public string Section(string title) => _sections.GetValueOrDefault(title, "");

    /// <summary>What people wrote in a section: no fences, no comments.</summary>
    public static string Prose(string section) => Fence().Replace(Comment().Replace(section, ""), "").Trim();

    /// <summary>The page with its facts as the cmdlet has them; the default is the one fact that attributes do not know.</summary>
    public string WithFacts(CmdletShape cmdlet)
    {
        var text = Regex.Replace(Text, @"(?<=^## SYNTAX\n\n```powershell\n).*?(?=^```$)", HelpFacts.Syntax(cmdlet)
            .Replace("$", "$$", StringComparison.Ordinal), RegexOptions.Multiline | RegexOptions.Singleline);
        foreach (var (title, section) in Parameters)
        {
            var usual = Regex.Match(section, "(?m)^Default: .*$").Value;
            var facts = new StringBuilder(HelpFacts.Of(cmdlet, title[1..])).Append(usual).Append('\n');
            text = Regex.Replace(text, $@"(?<=^### {title}\n\n(?:(?!^#|^```).*\n)*```yaml\n)(?:(?!```).*\n)*(?=```$)", facts.ToString()
                .Replace("$", "$$", StringComparison.Ordinal), RegexOptions.Multiline);
        }

        return text;
    }

    public override string ToString() => Name;

    // Headings inside a fence are none.
    private static Dictionary<string, string> Split(string text, string mark)
    {
        var sections = new Dictionary<string, string>();
        var (title, fenced) = ("", false);
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith("```", StringComparison.Ordinal)) fenced = !fenced;
            if (!fenced && line.StartsWith(mark + " ", StringComparison.Ordinal)) sections.Add(title = line[(mark.Length + 1)..], "");
            else if (title.Length > 0) sections[title] += line + "\n";
        }

        return sections;
    }

    [GeneratedRegex(@"\]\(([^)]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^```.*?^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"<!--.*?-->", RegexOptions.Singleline)]
    private static partial Regex Comment();
}
