using NasSync.Destinations.Places;
using NasSync.Tests.Support;

namespace NasSync.Tests.Service;

public sealed class DestinationAcceptTests
{
    [Fact]
    public async Task A_place_that_lost_its_mark_is_refused_with_7_until_it_is_accepted()
    {
        using var cli = new Cli();
        cli.WriteConfig();
        new SampleJob(cli.Folder["outputs"], "job_1").Add("a.m4a", "audio").Write();
        Assert.Equal(ExitCode.Ok, await cli.RunAsync("sync"));
        var marker = Directory.GetFiles(cli.Folder.Path, PlaceMarker.Name, SearchOption.AllDirectories).Single();
        File.Delete(marker);

        new SampleJob(cli.Folder["outputs"], "job_2").Add("a.m4a", "audio").Write();
        Assert.Equal(ExitCode.DestinationUnavailable, await cli.RunAsync("sync"));
        Assert.Contains("nassync destination accept", cli.Out, StringComparison.Ordinal);
        Assert.False(File.Exists(marker));

        for (var again = 0; again < 2; again++)
        {
            Assert.Equal(ExitCode.Ok, await cli.RunAsync("destination", "accept", Path.GetDirectoryName(marker)!));
            Assert.Contains("is accepted as it is now", cli.Out, StringComparison.Ordinal);
        }

        Assert.Equal(ExitCode.Ok, await cli.RunAsync("sync"));
        Assert.True(File.Exists(marker));
    }

    [Fact]
    public async Task A_folder_that_was_never_copied_to_cannot_be_accepted()
    {
        using var cli = new Cli();
        cli.WriteConfig();
        Assert.Equal(ExitCode.Usage, await cli.RunAsync("destination", "accept", "./elsewhere"));
        Assert.Contains("nothing to accept", cli.Error, StringComparison.Ordinal);
    }
}
