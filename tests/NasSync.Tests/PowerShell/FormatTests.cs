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
    [InlineData(typeof(SyncSetting))]
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
            view.Element.Descendants("ScriptBlock")
                .SelectMany(script => System.Text.RegularExpressions.Regex.Matches(script.Value, @"\$_\.(\w+)"))
                .Select(match => match.Groups[1].Value),
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

    // The column without width takes what is left, and what stands there must be readable.
    [Fact]
    public void Every_table_can_be_read_at_80_columns() =>
        Assert.All(Tables(), table =>
        {
            var widths = table.Element("TableHeaders")!.Elements().Select(header => (int?)header.Element("Width")).ToList();
            Assert.Single(widths, width => width is null);
            Assert.InRange(widths.Sum(width => width ?? 19) + widths.Count - 1, 1, 80);
        });

    [Fact]
    public void Every_header_is_the_name_of_a_property() =>
        Assert.All(Views(), view => Assert.All(
            view.Element.Descendants("TableColumnHeader").Select(header => header.Element("Label")!.Value),
            name => Assert.True(view.Type!.GetProperty(name) is not null, $"{view.Type} has no property {name}")));

    [Fact]
    public void Every_enumeration_comes_back_from_a_file_as_itself()
    {
        var types = XDocument.Load(Repository.At("module/NasSync.Types.ps1xml")).Descendants("Name").Select(name => name.Value).ToHashSet();
        Assert.All(
            typeof(Manifest).Assembly.GetExportedTypes().Where(type => type.IsEnum),
            type => Assert.Contains($"Deserialized.{type.FullName}", types));
    }

    // Types that no cmdlet writes: a repair plan is a file of its own.
    [Fact]
    public void Every_time_comes_back_from_a_file_as_itself()
    {
        Type[] unwritten = [typeof(RepairEntry), typeof(RepairPlan), typeof(DestinationSummary)];
        var kept = XDocument.Load(Repository.At("module/NasSync.Types.ps1xml")).Descendants("ScriptProperty")
            .Select(property => $"{property.Parent!.Parent!.Element("Name")!.Value}.{property.Element("Name")!.Value}").ToHashSet();
        var times = typeof(Manifest).Assembly
            .GetExportedTypes()
            .Where(type => !type.IsNested)
            .Except(unwritten)
            .SelectMany(type => type.GetProperties())
            .Where(property => (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) == typeof(DateTimeOffset)).ToList();
        Assert.True(times.Count >= 8);
        Assert.All(times, property => Assert.Contains($"Deserialized.{property.DeclaringType!.FullName}.{property.Name}", kept));
    }

    private static IEnumerable<XElement> Tables() => Views().SelectMany(view => view.Element.Elements("TableControl"));

    private static List<(XElement Element, Type? Type)> Views()
    {
        var views = Format.Descendants("View")
            .Select(view => (Element: view, Type: typeof(Manifest).Assembly.GetType(NameOf(view))))
            .ToList();
        Assert.NotEmpty(views);
        Assert.All(views, view => Assert.NotNull(view.Type));
        return views;
    }

    // What stands behind # tells a case of the type, such as a summary of a run that changes nothing.
    private static string NameOf(XElement view) => view.Element("ViewSelectedBy")!.Element("TypeName")!.Value.Split('#')[0];
}
