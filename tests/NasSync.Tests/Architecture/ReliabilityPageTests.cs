using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using NasSync.Tests.Support;

namespace NasSync.Tests.Architecture;

/// <summary>docs/reliability.md names, for every promise, the tests that prove it: they must be there.</summary>
public sealed partial class ReliabilityPageTests
{
    private const int Faults = 102, Invariants = 12;
    private static readonly string Page = File.ReadAllText(Repository.At("docs/reliability.md"));

    [Fact]
    public void Every_test_that_the_page_names_is_one()
    {
        var tests = typeof(ReliabilityPageTests).Assembly.GetTypes()
            .Where(type => !type.IsAbstract)
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static)
                .Where(IsTest)
                .Select(method => $"{type.Name}.{method.Name}"))
            .ToHashSet();
        var named = TestName().Matches(Page).Select(match => match.Groups[1].Value).Distinct().ToList();
        Assert.True(named.Count > 100, "the page names too few tests to be the page that is meant");
        Assert.Equal([], named.Except(tests));
    }

    [Fact]
    public void Every_invariant_and_every_fault_has_its_place_on_the_page()
    {
        Assert.Equal(Enumerable.Range(1, Invariants), Numbers("I-"));
        Assert.Equal(Enumerable.Range(1, Faults), Numbers("F-"));
    }

    // The first cell of each row, and sentences such as "F-73 to F-77 and F-79 wait".
    private static SortedSet<int> Numbers(string letter)
    {
        var found = new SortedSet<int>();
        foreach (var line in Page.Split('\n'))
        {
            var text = line.StartsWith("| ", StringComparison.Ordinal)
                ? line.Split('|')[1]
                : line.Contains(" wait for ", StringComparison.Ordinal) ? line : "";
            foreach (Match match in Regex.Matches(text, $@"{letter}(\d+)(?: to {letter}(\d+))?"))
            {
                var first = int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
                var last = match.Groups[2].Success ? int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture) : first;
                for (var number = first; number <= last; number++) found.Add(number);
            }
        }

        return found;
    }

    private static bool IsTest(MethodInfo method) => method.GetCustomAttributes().Any(attribute => attribute is FactAttribute);

    [GeneratedRegex(@"`([A-Z]\w*Tests\.[A-Z]\w*)`")]
    private static partial Regex TestName();
}
