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
    public async Task After_a_place_was_accepted_one_look_at_a_copy_that_is_lost_for_good_is_enough()
    {
        using var cli = new Cli();
        cli.Folder.Write("nas-sync.yaml", """
            nasSync:
              outputsDir: outputs
              workDir: work
              routes:
                - { match: { kind: audio }, to: ./nas/audio, release: delete }
                - { match: { kind: video }, to: ./nas/video }
            """);
        cli.Job().Add("song.m4a", "audio").Add("film.mp4", "video").Write();

        // The first run creates the folders and keeps the sources that it copied there.
        for (var run = 0; run < 2; run++) Assert.Equal(ExitCode.Ok, await cli.RunAsync("sync"));
        Assert.False(File.Exists(cli.Folder["outputs/job_1/song.m4a"]));

        File.Delete(cli.Folder["nas/audio/song.m4a"]);
        Assert.Equal(ExitCode.Ok, await cli.RunAsync("destination", "accept", cli.Folder["nas/video"]));
        Assert.Equal(ExitCode.FailedForGood, await cli.RunAsync("sync"));
        Assert.Contains("[ReleasedCopyLost]", cli.Out + cli.Error, StringComparison.Ordinal);

        Assert.Equal(ExitCode.Ok, await cli.RunAsync("retry", "--forget", "--all"));
        Assert.Equal(ExitCode.Ok, await cli.RunAsync("sync"));
        Assert.Contains("nothing failed", await Status(), StringComparison.Ordinal);

        async Task<string> Status()
        {
            await cli.RunAsync("status", "--failed");
            return cli.Out;
        }
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
