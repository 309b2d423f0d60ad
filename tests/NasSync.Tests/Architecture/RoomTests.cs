using System.Text.RegularExpressions;
using NasSync.Tests.Support;

namespace NasSync.Tests.Architecture;

public sealed partial class RoomTests
{
    // From the bottom up: a room may use the rooms of the lines before its own, and no other.
    private static readonly string[][] Floors =
    [
        ["Manifests", "Templates"],
        ["Processes"],
        ["Files"],
        ["Config"],
        ["Failures"],
        ["Routing"],
        ["Planning"],
        ["Ledgers"],
        ["Destinations"],
        ["Watching"],
        ["Transfers"],
        ["Metrics"],
        ["Verifying"],
        ["Webhooks"],
        ["Scheduling"],
        ["Installing"],
        ["Unattended"],
    ];

    [Fact]
    public void Rooms_of_the_core_use_only_the_rooms_below_them()
    {
        var wrong =
            from source in Repository.Sources("src/NasSync.Core")
            let room = source.Path.Split('/')[0]
            from line in source.Lines
            where !line.TrimStart().StartsWith("//", StringComparison.Ordinal) && !line.StartsWith("namespace ", StringComparison.Ordinal)
            from Match name in QualifiedName().Matches(line)
            let used = name.Groups[1].Value
            where used != room && Floor(used) >= Floor(room)
            select $"{source.Path}: {room} uses {used}";
        Assert.Empty(wrong.Distinct());
    }

    [Fact]
    public void Every_room_of_the_core_has_a_floor_and_its_own_namespace()
    {
        var wrong =
            from source in Repository.Sources("src/NasSync.Core")
            let room = source.Path.Split('/')[0]
            where Floor(room) < 0 || !source.Lines.Contains($"namespace NasSync.{Path.GetDirectoryName(source.Path)!.Replace('/', '.')};")
            select source.Path;
        Assert.Empty(wrong);
    }

    private static int Floor(string room) => Array.FindIndex(Floors, floor => floor.Contains(room));

    [GeneratedRegex(@"\bNasSync\.([A-Z]\w+)(?=[.;])")]
    private static partial Regex QualifiedName();
}
