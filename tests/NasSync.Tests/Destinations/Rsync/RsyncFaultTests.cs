using NasSync.Config;
using NasSync.Destinations;
using NasSync.Destinations.Places;
using NasSync.Destinations.Rsync;
using NasSync.Ledgers;
using NasSync.Tests.Destinations.Sftp;
using NasSync.Tests.Support;

namespace NasSync.Tests.Destinations.Rsync;

/// <summary>What goes wrong on the way, and what is seen of it.</summary>
public sealed class RsyncFaultTests
{
    private static readonly byte[] Music = "music"u8.ToArray();

    [RequiresFact("linux", "rsync")]
    public async Task A_new_file_that_is_not_the_source_is_removed_again_and_a_replaced_one_is_told()
    {
        await using var world = await RsyncWorld.LocalAsync();
        await using var destination = world.ConnectBy(Damaging(world, "touch -d @1700000000 \"$song\""));
        var corrupt = await FailureAsync(destination, Request("song"));
        Assert.Equal((FailureClass.Transient, "CopyCorrupt"), (corrupt.Class, corrupt.Code));
        Assert.EndsWith("it was removed.", corrupt.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(world.Root));

        File.WriteAllText(Path.Combine(world.Root, "song"), "the former one");
        var former = await destination.StatAsync(RelativePath.Parse("song"), default);
        var replaced = await FailureAsync(destination, Request("song") with { Replaces = former });
        Assert.Equal((FailureClass.Mismatch, "ReplacedDamaged"), (replaced.Class, replaced.Code));
        Assert.Equal("Xusic", File.ReadAllText(Path.Combine(world.Root, "song")));
    }

    [RequiresFact("linux", "rsync")]
    public async Task A_file_that_someone_changed_before_the_proof_is_not_removed()
    {
        await using var world = await RsyncWorld.LocalAsync();
        await using var destination = world.ConnectBy(Damaging(world, "touch -d @1 \"$song\""));
        Assert.Equal("CopyCorrupt", (await FailureAsync(destination, Request("song"))).Code);
        Assert.Equal("Xusic", File.ReadAllText(Path.Combine(world.Root, "song")));
    }

    [RequiresFact("linux", "rsync")]
    public async Task A_read_back_finds_damage_too()
    {
        await using var world = await RsyncWorld.LocalAsync();
        await using var destination = world.ConnectBy(Damaging(world, "touch -d @1700000000 \"$song\""));
        Assert.Equal("CopyCorrupt", (await FailureAsync(destination, Request("song") with { Verify = VerifyLevel.Readback })).Code);
        Assert.Empty(Directory.GetFileSystemEntries(world.Root));
    }

    [RequiresFact("linux", "rsync")]
    public Task A_source_that_is_written_over_before_it_is_sent_with_its_time_set_back_is_not_taken_for_what_was_hashed() =>
        IsSeenAsync(VerifyLevel.Checksum);

    [RequiresFact("linux", "rsync")]
    public Task Nor_where_only_sizes_are_compared() => IsSeenAsync(VerifyLevel.Size);

    private static async Task IsSeenAsync(VerifyLevel verify)
    {
        await using var world = await RsyncWorld.LocalAsync();
        var source = Path.Combine(world.Scratch, "source");
        await File.WriteAllBytesAsync(source, Music);
        File.SetLastWriteTimeUtc(source, DateTime.UnixEpoch.AddTicks(Request("song").MtimeNs / 100));
        await using var destination = world.ConnectBy($"""
            case "$*" in *--partial-dir*)
              before=$(stat -c %z '{source}')
              touch -r '{source}' '{source}.time'
              while test "$before" = "$(stat -c %z '{source}')"; do
                printf X | dd of='{source}' conv=notrunc bs=1 2>/dev/null
                touch -r '{source}.time' '{source}'
              done;;
            esac
            exec rsync "$@"
            """);
        using var handle = File.OpenHandle(source);
        await using var session = (ISourceSession)await destination.BeginWriteAsync(Request("song") with { Verify = verify }, default);
        Assert.True(session.TryTake(handle));
        var failure = (await Assert.ThrowsAsync<FailureException>(async () => await session.CommitAsync(null, default))).Failure;
        Assert.Equal((FailureClass.Transient, "SourceChanged"), (failure.Class, failure.Code));
        Assert.Empty(Directory.GetFileSystemEntries(world.Root));
    }

    [RequiresFact("linux", "rsync")]
    public async Task An_exit_code_of_23_is_no_success_for_what_did_not_arrive()
    {
        await using var world = await RsyncWorld.LocalAsync();
        await using var destination = world.ConnectBy("case \"$*\" in *--partial-dir*) echo '>f+++++++++ song'; exit 23;; esac\nexec rsync \"$@\"");
        Assert.Equal("NotArrived", (await FailureAsync(destination, Request("song"))).Code);
    }

    [RequiresFact("linux", "rsync")]
    public async Task The_error_of_one_file_is_never_taken_for_that_of_another_whose_path_ends_alike()
    {
        await using var world = await RsyncWorld.LocalAsync();
        await using var destination = world.ConnectBy($"""
            case "$*" in *--partial-dir*)
              mkdir -p '{world.Root}/box/song/stays'
              rsync "$@"; exit $?;;
            esac
            exec rsync "$@"
            """);
        var outcomes = await Task.WhenAll(
            new[] { "song", "box/song", "other/box/song" }.Select(name => Task.Run(() => OutcomeAsync(destination, Request(name)))));
        Assert.Equal(["ServerHash", "ServerHash"], [outcomes[0], outcomes[2]]);
        Assert.NotEqual("ServerHash", outcomes[1]);
    }

    [RequiresFact("linux", "rsync")]
    public async Task Compression_and_the_limit_reach_rsync()
    {
        await using var world = await RsyncWorld.LocalAsync();
        var log = Path.Combine(world.Scratch, "arguments");
        await using var destination = world.ConnectBy(
            $"printf '%s\\n' \"$@\" >> '{log}'\nexec rsync \"$@\"",
            world.Config with { Compress = true, BandwidthLimit = 2 * 1024 * 1024 });
        await SftpWorld.CopyAsync(destination, Request("song"), Music);
        Assert.Contains("--compress", File.ReadAllLines(log));
        Assert.Contains("--bwlimit=2048", File.ReadAllLines(log));
    }

    [RequiresFact("linux", "rsync")]
    public async Task A_small_file_needs_few_runs()
    {
        await using var world = await RsyncWorld.LocalAsync();
        var log = Path.Combine(world.Scratch, "runs");
        await using var destination = world.ConnectBy($"echo run >> '{log}'\nexec rsync \"$@\"");
        var path = RelativePath.Parse("song");
        await destination.StatAsync(path, default);
        await SftpWorld.CopyAsync(destination, Request("first"), Music);
        File.Delete(log);
        await SftpWorld.CopyAsync(destination, Request("song"), Music);
        Assert.Equal(2, File.ReadAllLines(log).Length);
        await destination.StatAsync(path, default);
        Assert.Equal(3, File.ReadAllLines(log).Length);
        await destination.HashAsync(path, default);
        Assert.Equal(4, File.ReadAllLines(log).Length);
        await destination.DeleteAsync(path, default);
        Assert.Equal(6, File.ReadAllLines(log).Length);
    }

    [RequiresFact("linux", "rsync", SshServer.Program)]
    public async Task Runs_over_ssh_share_one_login()
    {
        await using var world = await RsyncWorld.SshAsync();
        for (var i = 0; i < 3; i++) await SftpWorld.CopyAsync(world.Destination, Request($"song {i}"), Music);
        Assert.Equal(3, Directory.GetFiles(world.Root).Length);
        Assert.Single(world.ServerLog.Split('\n'), line => line.Contains("Accepted publickey", StringComparison.Ordinal));
    }

    [RequiresFact("linux", "rsync", SshServer.Program)]
    public async Task A_folder_counted_from_the_login_is_empty_while_it_is_missing_and_its_errors_find_their_files()
    {
        await using var world = await RsyncWorld.SshAsync();
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var target = Path.GetRelativePath(home, Path.Combine(world.Root, "made"));
        await using var destination = world.Connect(world.Config with { Target = $"127.0.0.1:{target}" });
        Assert.Null(await destination.StatAsync(RelativePath.Parse("song"), default));

        // A target with dots is made by nobody: rsync refuses to.
        Directory.CreateDirectory(Path.Combine(world.Root, "made"));
        await SftpWorld.CopyAsync(destination, Request("song"), Music);
        Assert.True(File.Exists(Path.Combine(world.Root, "made", "song")));
        File.WriteAllText(Path.Combine(world.Root, "made", "blocked"), "");
        Assert.Equal("NotAFolder", await OutcomeAsync(destination, Request("blocked/song")));
    }

    [RequiresFact("linux", "rsync", SshServer.Program)]
    public async Task A_root_that_is_a_file_is_told_as_such_on_a_host_over_ssh()
    {
        await using var world = await RsyncWorld.SshAsync();
        await IsNoFolderAsync(world, world.Target + "/taken");
    }

    [RequiresFact("linux", "rsync")]
    public async Task A_root_that_is_a_file_is_told_as_such_by_a_daemon()
    {
        await using var world = await RsyncWorld.DaemonAsync();
        await IsNoFolderAsync(world, world.Target + "/taken");
    }

    [RequiresFact("linux", "rsync")]
    public async Task A_root_that_is_a_file_is_told_as_such_on_this_machine()
    {
        await using var world = await RsyncWorld.LocalAsync();
        await IsNoFolderAsync(world, world.Target + "/taken");
    }

    private static async Task IsNoFolderAsync(RsyncWorld world, string target)
    {
        File.WriteAllText(Path.Combine(world.Root, "taken"), "a file");
        await using var destination = world.Connect(world.Config with { Target = target });
        var path = RelativePath.Parse("song");
        var look = await Assert.ThrowsAsync<FailureException>(async () => await destination.StatAsync(path, default));
        Is(look);
        Assert.StartsWith("Cannot look at '", look.Message, StringComparison.Ordinal);
        Is(await Assert.ThrowsAsync<FailureException>(async () => await destination.HashAsync(path, default)));
        Is(await Assert.ThrowsAsync<FailureException>(async () => await destination.LookAtRootAsync(default)));
        Is(await Assert.ThrowsAsync<FailureException>(() => SftpWorld.CopyAsync(destination, Request("song"), Music)));
        Assert.Equal("a file", File.ReadAllText(Path.Combine(world.Root, "taken")));

        void Is(FailureException e)
        {
            Assert.Equal((FailureClass.Conflict, "NotAFolder"), (e.Failure.Class, e.Failure.Code));
            Assert.Contains(target, e.Message, StringComparison.Ordinal);
        }
    }

    [RequiresFact("linux", "rsync", SshServer.Program)]
    public async Task What_ssh_refuses_is_told_as_for_SFTP()
    {
        await RefusedAsync(
            async server => server.Config() with { IdentityFile = await server.MakeKeyAsync("stranger") }, FailureClass.Auth, "AuthRefused");
        await RefusedAsync(
            async server => server.Config() with { KnownHosts = server.WriteKnownHosts("changed", await server.MakeKeyAsync("other") + ".pub") },
            FailureClass.Auth,
            "HostKeyChanged");
        await RefusedAsync(
            server => Task.FromResult(server.Config() with { KnownHosts = server.WriteKnownHosts("none", null) }),
            FailureClass.Auth,
            "HostKeyUnknown");
        await RefusedAsync(server => Task.FromResult(server.Config() with { Port = 1 }), FailureClass.Unavailable, "Unreachable");
    }

    [RequiresFact("linux", "rsync")]
    public async Task What_a_dead_process_staged_is_removed_and_what_a_living_one_has_stays()
    {
        await using var world = await RsyncWorld.LocalAsync();
        var dead = Directory.CreateDirectory(Path.Combine(world.Staging, "nassync-rsync-dead", "1", "tree")).FullName;
        File.CreateSymbolicLink(Path.Combine(dead, "song"), world.Root);
        File.WriteAllText(Path.Combine(world.Staging, "nassync-rsync-dead.lock"), "");
        await SftpWorld.CopyAsync(world.Destination, Request("song"), Music);
        RsyncStaging.RemoveDead(world.Staging);
        Assert.NotEmpty(Directory.GetFileSystemEntries(world.Staging));
        Assert.DoesNotContain(Directory.GetFileSystemEntries(world.Staging), entry => entry.Contains("dead", StringComparison.Ordinal));
        Assert.True(File.Exists(Path.Combine(world.Root, "song")));
    }

    [RequiresFact("linux", "rsync")]
    public async Task A_folder_that_lost_its_mark_is_neither_read_nor_written_by_rsync()
    {
        await using var world = await RsyncWorld.LocalAsync();
        using var ledger = Ledger.Open(Path.Combine(world.Scratch, "work"));
        var places = new PlacesInLedger(ledger, TimeProvider.System);
        await using (var first = world.Connect(world.Config, places)) await SftpWorld.CopyAsync(first, Request("song"), Music);
        File.Delete(Path.Combine(world.Root, PlaceMarker.Name));
        File.Delete(Path.Combine(world.Root, "song"));

        await using var unmounted = world.Connect(world.Config, places);
        Assert.Equal("DestinationUnavailable", await OutcomeAsync(unmounted, Request("other")));
        var reading =
            (await Assert.ThrowsAsync<FailureException>(async () => await unmounted.StatAsync(RelativePath.Parse("song"), default))).Failure;
        Assert.Equal(FailureClass.Unavailable, reading.Class);
        Assert.Empty(Directory.GetFileSystemEntries(world.Root));

        Directory.Delete(world.Root);
        Assert.Equal("DestinationUnavailable", await OutcomeAsync(unmounted, Request("other")));
        Assert.False(Directory.Exists(world.Root));
    }

    [RequiresFact("linux", "rsync")]
    public async Task A_large_file_tells_how_far_it_is()
    {
        using var world = new SyncWorld();
        const int Size = 4 * 1024 * 1024;
        world.Config = world.Config with
        {
            Destinations = new Dictionary<string, DestinationConfig>
            {
                ["vault"] = new RsyncDestinationConfig { Name = "vault", Target = world.Nas, BandwidthLimit = Size / 2 },
            },
            Routes = [new Route { Number = 1, To = ["vault:${jobId}"] }],
        };
        world.Job().Add("film.mkv", "video").Write();
        File.WriteAllBytes(Path.Combine(world.Outputs, "job_1", "film.mkv"), SftpWorld.Content(Size));
        var told = (await world.RunAsync()).OfType<TransferEvent.Progress>().Select(one => one.Bytes).ToList();
        Assert.Contains(told, bytes => bytes is > 0 and < Size);
        Assert.Equal(told.Order(), told);
    }

    [RequiresFact("linux", "rsync")]
    public async Task The_method_rsync_carries_plain_paths()
    {
        using var cli = new Cli();
        cli.Job().Add("song.m4a", "audio").Write();
        var config = cli.Folder.Write("nas-sync.yaml", $$"""
            nasSync:
              outputsDir: outputs
              workDir: work
              method: rsync
              remoteRoots: { nas: "{{cli.Folder["nas"]}}" }
              routes:
                - to: "${remoteRoots.nas}/${jobId}"
            """);
        Assert.Equal(0, (int)await cli.RunAsync("sync", "--config", config, "--json"));
        var committed = Assert.Single(cli.Json, line => line.GetProperty("event").GetString() == "committed");
        Assert.Equal("rsync", committed.GetProperty("destination").GetString());
        Assert.Single(Directory.GetFiles(cli.Folder["nas"], "song.m4a", SearchOption.AllDirectories));
    }

    private static string Damaging(RsyncWorld world, string then) => $"""
        rsync "$@"; code=$?
        song='{world.Root}/song'
        case "$*" in *--partial-dir*) printf X | dd of="$song" conv=notrunc bs=1 2>/dev/null; {then};; esac
        exit $code
        """;

    private static WriteRequest Request(string path) => SftpWorld.Request(path, Music);

    private static async Task<Failure> FailureAsync(RsyncDestination destination, WriteRequest request) =>
        (await Assert.ThrowsAsync<FailureException>(() => SftpWorld.CopyAsync(destination, request, Music))).Failure;

    private static async Task<string> OutcomeAsync(RsyncDestination destination, WriteRequest request)
    {
        try
        {
            return (await SftpWorld.CopyAsync(destination, request, Music)).VerifiedBy.ToString();
        }
        catch (FailureException e)
        {
            return e.Failure.Code;
        }
    }

    private static async Task RefusedAsync(Func<SshServer, Task<SftpDestinationConfig>> login, FailureClass expected, string code)
    {
        await using var world = await RsyncWorld.SshAsync(login);
        var failure =
            (await Assert.ThrowsAsync<FailureException>(async () => await world.Destination.StatAsync(RelativePath.Parse("song"), default))).Failure;
        Assert.Equal((expected, code), (failure.Class, failure.Code));
    }
}
