using NasSync.Destinations.Contract;
using NasSync.Tests.Support;

namespace NasSync.Tests.Contracts;

public sealed class DestinationTestCommandTests
{
    private const string Vault = """
          destinations:
            vault: { type: local, root: vault }
        """;

    [Fact]
    public async Task A_local_destination_is_tried_and_left_empty()
    {
        using var cli = new Cli();
        cli.WriteConfig(Vault);
        var vault = cli.Folder.MakeFolder("vault");
        Assert.Equal(ExitCode.Ok, await cli.RunAsync("destination", "test", "vault"));
        Assert.Contains("create without replacing", cli.Out, StringComparison.Ordinal);
        Assert.Contains("A small file arrives whole", cli.Out, StringComparison.Ordinal);
        Assert.Matches(@"^vault: \d+ promises kept, 0 broken, \d+ not applicable, in ", cli.Lines[^1]);
        Assert.Empty(Directory.GetFileSystemEntries(vault));
    }

    [Fact]
    public async Task With_json_each_promise_is_a_line_and_the_last_one_sums_up()
    {
        using var cli = new Cli();
        cli.WriteConfig();
        cli.Folder.MakeFolder("vault");
        Assert.Equal(ExitCode.Ok, await cli.RunAsync("destination", "test", "./vault", "--json"));
        var lines = cli.Json;
        Assert.Equal("capabilities", lines[0].GetProperty("event").GetString());
        Assert.True(lines[0].GetProperty("createOnly").GetBoolean());
        Assert.Equal(DestinationCheck.Promises.Count, lines.Count(line => line.GetProperty("event").GetString() == "promise"));
        Assert.Equal("tested", lines[^1].GetProperty("event").GetString());
        Assert.Equal(0, lines[^1].GetProperty("failed").GetInt32());
        Assert.Equal(0, lines[^1].GetProperty("exitCode").GetInt32());
    }

    [Fact]
    public async Task An_unknown_name_is_told_with_the_known_ones()
    {
        using var cli = new Cli();
        cli.WriteConfig(Vault);
        Assert.Equal(ExitCode.Usage, await cli.RunAsync("destination", "test", "vualt"));
        Assert.Contains("The configuration has no destination 'vualt'; did you mean 'vault'?", cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_not_made()
    {
        using var cli = new Cli();
        cli.WriteConfig(Vault);
        Assert.Equal(ExitCode.DestinationUnavailable, await cli.RunAsync("destination", "test", "vault"));
        Assert.False(Directory.Exists(cli.Folder["vault"]));
    }

    [RequiresFact("linux", SshServer.Program, "radosgw", "ceph-mon", "ceph-osd")]
    public async Task The_program_tries_a_live_SSH_host_and_a_live_bucket_and_leaves_both_empty()
    {
        await using var places = await ThreePlaces.MakeAsync();
        foreach (var name in (string[])["studio", "cloud"])
        {
            var run = await Nassync.RunAsync("destination", "test", name, "--json", "--config", places.Config);
            Assert.True(run.ExitCode == 0, run.Out + run.Error);
            Assert.True(Assert.Single(run.Of("capabilities")).GetProperty("createOnly").GetBoolean());
            Assert.Equal(DestinationCheck.Promises.Count, run.Of("promise").Count);
            Assert.Equal(0, run.Lines[^1].GetProperty("failed").GetInt32());
        }

        Assert.Empty(Directory.GetFileSystemEntries(places.Ssh.Root));
        Assert.Empty(await places.KeysAsync());
        Assert.Empty(await places.Bucket.UploadsAsync());
    }
}
