using System.Text.RegularExpressions;
using NasSync.Destinations;
using NasSync.Destinations.Places;
using NasSync.Destinations.Rsync;
using NasSync.Destinations.S3;
using NasSync.Files;
using NasSync.Templates;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Templates;

/// <summary>Names that are NasSync's own, in every spelling that some system takes for the same.</summary>
public sealed partial class ReservedNameTests
{
    [Theory]
    [InlineData(".nassync-destination")]
    [InlineData(".NasSync-Destination")]
    [InlineData("a/b/.nassync-anything/song.m4a")]
    [InlineData(".song.m4a.00000000.nassync-part")]
    [InlineData("song.m4a.NASSYNC-PART")]
    [InlineData("\uFF0E\uFF4E\uFF41\uFF53\uFF53\uFF59\uFF4E\uFF43\uFF0D\uFF58")]
    [InlineData("song.\uFF2E\uFF41\uFF33\uFF33ync-part")]
    [InlineData(".nassync\u200b-destination")]
    [InlineData("\ufeff.nas\u200dsync-destination")]
    [InlineData("song.nassync-part.")]
    [InlineData("song.nassync-part . ")]
    [InlineData("song.nassync-part::$DATA")]
    [InlineData(".nassync-destination:x")]
    [InlineData("NASSYN~1")]
    [InlineData("nassyn~12.m4a")]
    [InlineData("folder\\.nassync-x")]
    public void A_name_of_ours_is_found_in_every_spelling(string path) => Assert.NotNull(ReservedName.In(path));

    [Theory]
    [InlineData("nassync-destination")]
    [InlineData(".nassync")]
    [InlineData("My NasSync-Part 2.m4a")]
    [InlineData("nassync-part")]
    [InlineData(".nassyncx/song.nassync-parts")]
    [InlineData("Nassyn~x")]
    [InlineData("song.nassync-part.m4a")]
    [InlineData("\u0000\u0645\u0648\u0633\u064A\u0642\u0649 🎵.m4a")]
    public void An_ordinary_name_is_none(string path) => Assert.Null(ReservedName.In(path));

    [Fact]
    public void Every_name_that_is_made_here_is_one_of_ours()
    {
        string[] made =
        [
            PlaceMarker.Name, OutputsPlace.MarkerName, RsyncFlags.PartialFolder, Leftovers.ClockName(), Leftovers.ProbeName(),
            S3Sweep.ProbePrefix + "1", AtomicFile.PartName("song.m4a", "1"),
            .. Repository.Sources("src/NasSync.Core")
                .SelectMany(source => source.Lines)
                .SelectMany(line => Hidden().Matches(line))
                .Select(found => found.Groups[1].Value),
        ];
        Assert.All(made, name => Assert.NotNull(ReservedName.In(name)));
    }

    // A text that begins with our dot.
    [GeneratedRegex(@"""(\.nassync[^""{]*)", RegexOptions.IgnoreCase)]
    private static partial Regex Hidden();
}
