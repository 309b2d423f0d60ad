using System.Xml.Linq;
using NasSync.Tests.Support;

namespace NasSync.Tests.PowerShell;

public sealed class FormatTests
{
    private static readonly XDocument Format = XDocument.Load(Path.Combine(Repository.Root, "module", "NasSync.Format.ps1xml"));

    [Theory]
    [InlineData(typeof(Manifest))]
    [InlineData(typeof(RouteDecision))]
    [InlineData(typeof(SyncResult))]
    [InlineData(typeof(SyncItem))]
    [InlineData(typeof(ConfigProblem))]
    [InlineData(typeof(PlanItem))]
    [InlineData(typeof(DestinationTestResult))]
    [InlineData(typeof(CopyFinding))]
    [InlineData(typeof(SyncTask))]
    public void Every_output_has_a_table(Type type) =>
        Assert.Contains(Views(), view => view.Type == type && view.Element.Element("TableControl") is not null);

    [Fact]
    public void The_abilities_of_a_place_are_a_list_of_all_of_them()
    {
        var list = Views().Single(view => view.Type == typeof(Capabilities)).Element.Element("ListControl")!.ToString();
        Assert.All(typeof(Capabilities).GetProperties(), property => Assert.Contains(property.Name, list, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(typeof(SyncResult))]
    [InlineData(typeof(SyncItem))]
    [InlineData(typeof(RecordedFailure))]
    public void What_has_much_to_tell_has_a_list_beside_its_table(Type type) =>
        Assert.Contains(Views(), view => view.Type == type && view.Element.Element("ListControl") is not null);

    [Fact]
    public void Every_property_that_a_script_of_a_view_reads_exists() =>
        Assert.All(Views(), view => Assert.All(
            view.Element.Descendants("ScriptBlock").SelectMany(script => System.Text.RegularExpressions.Regex.Matches(script.Value, @"\$_\.(\w+)")).Select(match => match.Groups[1].Value),
            name => Assert.True(view.Type!.GetProperty(name) is not null, $"{view.Type} has no property {name}")));

    [Fact]
    public void Every_column_shows_a_property_that_exists() =>
        Assert.All(Views(), view =>
        {
            var shown = view.Element.Descendants("PropertyName").Select(element => element.Value);
            Assert.All(shown, name => Assert.True(view.Type!.GetProperty(name) is not null, $"{view.Type} has no property {name}"));
        });

    [Fact]
    public void Every_table_has_as_many_cells_as_columns() =>
        Assert.All(Tables(), table =>
            Assert.Equal(
                table.Element("TableHeaders")!.Elements().Count(),
                table.Descendants("TableColumnItems").Single().Elements().Count()));

    // The last column may take what is left, so it counts with what its header needs at least.
    [Fact]
    public void Every_table_fits_120_columns() =>
        Assert.All(Tables(), table =>
        {
            var widths = table.Element("TableHeaders")!.Elements().Select(header => (int?)header.Element("Width") ?? 20).ToList();
            Assert.InRange(widths.Sum() + widths.Count - 1, 1, 120);
        });

    private static IEnumerable<XElement> Tables() => Views().SelectMany(view => view.Element.Elements("TableControl"));

    private static List<(XElement Element, Type? Type)> Views()
    {
        var views = Format.Descendants("View")
            .Select(view => (Element: view, Type: typeof(Manifest).Assembly.GetType(view.Element("ViewSelectedBy")!.Element("TypeName")!.Value)))
            .ToList();
        Assert.NotEmpty(views);
        Assert.All(views, view => Assert.NotNull(view.Type));
        return views;
    }
}
