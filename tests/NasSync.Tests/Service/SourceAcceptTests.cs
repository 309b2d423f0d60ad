using NasSync.Tests.Support;

namespace NasSync.Tests.Service;

public sealed class SourceAcceptTests
{
    [Fact]
    public async Task An_outputs_folder_that_lost_its_mark_is_refused_with_7_until_it_is_accepted()
    {
        using var cli = new Cli();
        cli.WriteConfig();
        cli.Job().Add("a.m4a", "audio").Write();
        var marker = cli.Folder.Write("outputs/.nassync-source", "this one");
        Assert.Equal(ExitCode.Ok, await cli.RunAsync("sync"));
        File.Delete(marker);

        Assert.Equal(ExitCode.DestinationUnavailable, await cli.RunAsync("sync"));
        Assert.Contains("nassync source accept", cli.Out, StringComparison.Ordinal);
        Assert.Contains("[SourceUnavailable]", cli.Out, StringComparison.Ordinal);

        for (var again = 0; again < 2; again++) Assert.Equal(ExitCode.Ok, await cli.RunAsync("source", "accept"));
        Assert.Equal(ExitCode.Ok, await cli.RunAsync("sync"));

        Assert.Equal(ExitCode.Ok, await cli.RunAsync("source", "accept", "--json"));
        Assert.Equal(["accepted", "finished"], cli.Json.Select(line => line.GetProperty("event").GetString()));
        Assert.Equal(Path.Combine(cli.Folder.Path, "outputs"), cli.Json[0].GetProperty("place").GetString());
        Assert.Equal(0, cli.Json[1].GetProperty("exitCode").GetInt32());
    }

    [Fact]
    public async Task A_folder_in_which_no_job_was_seen_cannot_be_accepted()
    {
        using var cli = new Cli();
        cli.WriteConfig();
        Assert.Equal(ExitCode.Usage, await cli.RunAsync("source", "accept"));
        Assert.Contains("nothing to accept", cli.Error, StringComparison.Ordinal);
    }
}
