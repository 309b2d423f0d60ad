using System.Runtime.Versioning;
using NasSync.Config;
using NasSync.Destinations;
using NasSync.Destinations.Contract;
using NasSync.Destinations.Places;
using NasSync.Destinations.Rsync;
using NasSync.Tests.Destinations.Sftp;
using NasSync.Tests.Faults;
using NasSync.Tests.Support;

namespace NasSync.Tests.Destinations.Rsync;

[UnsupportedOSPlatform("windows")]
public sealed class RsyncDestinationTests
{
    private const int Mebibyte = 1024 * 1024;

    [RequiresFact("linux", "rsync")]
    public async Task One_bad_file_does_not_take_the_good_ones_of_its_set_along()
    {
        await using var world = await RsyncWorld.DaemonAsync();
        File.WriteAllText(Path.Combine(world.Root, "blocked"), "a file where a folder is needed");
        string[] names = ["one", "blocked/two", "three", "folder/four"];
        var outcomes = await Task.WhenAll(names.Select(name => Task.Run(() => OutcomeAsync(world.Destination, name))));
        Assert.Equal(["ServerHash", "NotAFolder", "ServerHash", "ServerHash"], outcomes);
    }

    [RequiresFact("linux", "rsync", SshServer.Program)]
    public async Task A_host_over_ssh_keeps_names_and_content_and_lets_files_be_removed()
    {
        await using var world = await RsyncWorld.SshAsync();
        const string Name = "it's a \"box\"/-#1 *\nCafe\u0301 🎵";
        var content = SftpWorld.Content(Mebibyte);
        var request = SftpWorld.Request(Name, content, VerifyLevel.Readback);
        var receipt = await SftpWorld.CopyAsync(world.Destination, request, content);
        Assert.Equal((VerifiedBy.ReadBack, Durability.ServerAcknowledged), (receipt.VerifiedBy, receipt.Durability));
        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(world.Root, Name)));
        Assert.Equal(receipt.Target, await world.Destination.StatAsync(request.Path, default));
        Assert.Equal("TargetChanged", await OutcomeAsync(world.Destination, Name));
        await world.Destination.DeleteAsync(request.Path, default);
        Assert.False(File.Exists(Path.Combine(world.Root, Name)));
    }

    [RequiresFact("linux", "rsync")]
    public async Task A_source_that_vanishes_after_it_was_taken_still_arrives_whole()
    {
        await using var world = await RsyncWorld.DaemonAsync();
        var content = SftpWorld.Content(Mebibyte);
        var source = Path.Combine(world.Scratch, "source");
        await File.WriteAllBytesAsync(source, content);
        using var handle = File.OpenHandle(source);
        await using var session = (ISourceSession)await world.Destination.BeginWriteAsync(Request("song", content), default);
        Assert.True(session.TryTake(handle));
        File.Delete(source);
        var receipt = await session.CommitAsync(null, default);
        Assert.Equal((SftpWorld.Sha256(content), VerifiedBy.ServerHash), (receipt.Sha256, receipt.VerifiedBy));
        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(world.Root, "song")));
    }

    [RequiresFact("linux", "rsync")]
    public async Task A_replaced_file_hands_its_mode_on_unless_another_is_set()
    {
        await using var world = await RsyncWorld.LocalAsync();
        var (first, second) = (SftpWorld.Content(1000), SftpWorld.Content(2000, 2));
        var path = Path.Combine(world.Root, "x.bin");
        var receipt = await SftpWorld.CopyAsync(world.Destination, SftpWorld.Request("x.bin", first), first);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        receipt = await SftpWorld.CopyAsync(world.Destination, SftpWorld.Request("x.bin", second, replaces: receipt.Target), second);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead, File.GetUnixFileMode(path));

        await using var strict = world.ConnectBy(
            "exec rsync \"$@\"",
            new RsyncDestinationConfig { Name = "strict", Target = world.Target, FileMode = "0600" });
        await SftpWorld.CopyAsync(strict, SftpWorld.Request("x.bin", first, replaces: receipt.Target), first);
        await SftpWorld.CopyAsync(strict, SftpWorld.Request("new/y.bin", first), first);
        Assert.All(
            [path, Path.Combine(world.Root, "new/y.bin")],
            file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [RequiresFact("mount", "rsync")]
    public async Task A_full_target_is_told_as_no_space()
    {
        using var mounted = Mounted.Tmpfs("1m");
        await using var world = await RsyncWorld.LocalAsync(mounted.Path);
        Assert.Equal("NoSpace", await OutcomeAsync(world.Destination, "film", 3 * Mebibyte));
        Assert.False(File.Exists(Path.Combine(mounted.Path, "film")));
    }

    [RequiresFact("mount", "rsync")]
    public async Task A_trial_of_a_full_target_ends_with_that_and_leaves_nothing()
    {
        using var mounted = Mounted.Tmpfs("1m");
        File.WriteAllBytes(Path.Combine(mounted.Path, "filler"), new byte[(1 << 20) - 16384]);
        await using var world = await RsyncWorld.LocalAsync(mounted.Path);
        var error = await Assert.ThrowsAsync<FailureException>(async () =>
        {
            await foreach (var _ in new ContractRunner(TimeProvider.System).RunAsync(world.Destination, CancellationToken.None))
            {
                // One after the other, until it is full.
            }
        });
        Assert.Equal("NoSpace", error.Failure.Code);
        Assert.Equal(["filler"], Directory.EnumerateFileSystemEntries(mounted.Path).Select(Path.GetFileName));
    }

    [RequiresFact("linux", "rsync")]
    public async Task A_folder_or_a_link_that_no_listing_showed_is_told_as_such_and_not_as_a_change()
    {
        await using var world = await RsyncWorld.DaemonAsync();
        Directory.CreateDirectory(Path.Combine(world.Root, "folder"));
        File.CreateSymbolicLink(Path.Combine(world.Root, "link"), "elsewhere");
        Assert.Equal(
            ["TargetIsNotAFile", "TargetIsNotAFile"],
            [await OutcomeAsync(world.Destination, "folder", 1000), await OutcomeAsync(world.Destination, "link", 1000)]);
    }

    [RequiresFact("linux", "rsync")]
    public async Task What_a_broken_off_copy_left_goes_when_the_file_is_there_already()
    {
        await using var world = await RsyncWorld.LocalAsync();
        var partial = Directory.CreateDirectory(Path.Combine(world.Root, "box/.nassync-partial")).FullName;
        File.WriteAllText(Path.Combine(partial, "song"), "hal");
        File.WriteAllText(Path.Combine(partial, "another"), "hal");
        await world.Destination.RemoveLeftoversAsync(RelativePath.Parse("box/song"), "any", default);
        Assert.Equal(["another"], Directory.EnumerateFileSystemEntries(partial).Select(Path.GetFileName));
        await world.Destination.RemoveLeftoversAsync(RelativePath.Parse("box/another"), "any", default);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(world.Root, "box")));
    }

    // A stranger's: neither it nor what it leads to is ours.
    [RequiresFact("linux", "rsync")]
    public async Task A_link_at_the_place_of_broken_off_copies_is_neither_followed_nor_removed()
    {
        await using var world = await RsyncWorld.LocalAsync();
        var elsewhere = Directory.CreateDirectory(Path.Combine(world.Scratch, "elsewhere")).FullName;
        File.WriteAllText(Path.Combine(elsewhere, "song"), "a stranger's");
        foreach (var path in (string[])["song", "box/song"])
        {
            var partial = Path.Combine(world.Root, Path.GetDirectoryName(path)!, RsyncFlags.PartialFolder);
            Directory.CreateDirectory(Path.GetDirectoryName(partial)!);
            File.CreateSymbolicLink(partial, elsewhere);
            await world.Destination.RemoveLeftoversAsync(RelativePath.Parse(path), "any", default);
            Assert.Equal(elsewhere, new FileInfo(partial).LinkTarget);
            Assert.Equal("a stranger's", File.ReadAllText(Path.Combine(elsewhere, "song")));
        }
    }

    [RequiresFact("linux", "rsync")]
    public async Task A_daemon_that_refuses_is_told_with_its_reason_and_without_the_password()
    {
        await using var world = await RsyncWorld.DaemonAsync();
        world.Environment["OTHER"] = "wrong canary";
        await RefusedAsync(world, world.Config with { Password = new SecretReference("env", "OTHER") }, FailureClass.Auth, "AuthRefused");
        await RefusedAsync(world, world.Config with { Password = null }, FailureClass.Auth, "AuthRefused");
        await RefusedAsync(
            world,
            world.Config with { Target = world.Target.Replace("/media", "/nothing", StringComparison.Ordinal) },
            FailureClass.Config,
            "UnknownModule");
        await RefusedAsync(
            world,
            world.Config with { Target = world.Target.Replace("/media", "/readonly", StringComparison.Ordinal) },
            FailureClass.Permission,
            "ReadOnlyModule");
    }

    [RequiresFact("linux", "rsync", "flock")]
    public async Task Five_hundred_files_that_are_ready_together_need_few_processes()
    {
        await using var world = await RsyncWorld.LocalAsync();
        var log = Path.Combine(world.Scratch, "calls");

        // The first run waits until all are ready; how many are there meanwhile would depend on the machine.
        var gate = Path.Combine(world.Scratch, "gate");
        await using var destination = world.ConnectBy($"echo run >> '{log}'\nflock --shared '{gate}' true\nexec rsync \"$@\"");
        List<Task<CommitReceipt>> copies;
        await using (var closed = new FileStream(gate, FileMode.Create, FileAccess.ReadWrite, FileShare.None))
            copies = [.. Enumerable.Range(0, 500).Select(i => SftpWorld.CopyAsync(destination, Request($"album/song {i}", [(byte)i]), [(byte)i]))];
        Assert.All(await Task.WhenAll(copies), receipt => Assert.Equal(VerifiedBy.ServerHash, receipt.VerifiedBy));
        Assert.Equal(500, Directory.GetFiles(Path.Combine(world.Root, "album")).Length);
        Assert.InRange(File.ReadAllLines(log).Length, 4, 60);
    }

    [RequiresFact("linux", "rsync")]
    public async Task A_copy_that_was_stopped_half_way_goes_on_from_there()
    {
        await using var world = await RsyncWorld.DaemonAsync();
        var content = SftpWorld.Content(60 * Mebibyte);
        using var stop = new CancellationTokenSource();
        await using (var slow = new RsyncDestination(world.Config, world.Environment, world.Staging, TimeProvider.System, () => 2 * Mebibyte))
        {
            var request = Request("film", content) with { Sent = bytes => StopAfter(bytes, stop) };
            await using var session = await TakenAsync(slow, world, request, content);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await session.Session.CommitAsync(null, stop.Token));
        }

        Assert.False(File.Exists(Path.Combine(world.Root, "film")));
        var partial = Path.Combine(world.Root, RsyncFlags.PartialFolder, "film");

        // The daemon learns of the end by the line, and then gives what came its name.
        await SshFaultTests.UntilAsync(() => Task.FromResult(File.Exists(partial)));
        Assert.InRange(new FileInfo(partial).Length, 1, content.Length - 1);
        var left = new FileInfo(partial).Length;
        await using var line = FaultProxy.Before(new Uri(world.Target).Port);
        await using var second = world.Connect(
            world.Config with { Target = world.Target.Replace($":{new Uri(world.Target).Port}", $":{line.Port}", StringComparison.Ordinal) });
        await using var again = await TakenAsync(second, world, Request("film", content), content);
        await again.Session.CommitAsync(null, default);
        Assert.InRange(line.Bytes(Direction.ToServer), content.Length - left, content.Length - (left / 2));
        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(world.Root, "film")));
        Assert.False(Directory.Exists(Path.GetDirectoryName(partial)));
    }

    [RequiresFact("linux", "rsync")]
    public async Task Below_a_folder_of_a_daemons_module_a_file_is_read_back_and_a_missing_one_is_missing()
    {
        await using var world = await RsyncWorld.DaemonAsync();
        var at = Directory.CreateDirectory(Path.Combine(world.Root, "volume/box")).FullName;
        File.WriteAllText(Path.Combine(at, "song"), "music");
        await using var below = world.Connect(world.Config with { Target = world.Target + "/volume" });

        var hashes =
            await Task.WhenAll(((string[])["box/song", "box/gone"]).Select(path => below.HashAsync(RelativePath.Parse(path), default).AsTask()));
        Assert.Equal([TempFolder.Sha256Of(Path.Combine(at, "song")), null], hashes.Select(hash => hash?.Sha256));
        var content = "more music"u8.ToArray();
        await using var taken = await TakenAsync(below, world, Request("box/more", content) with { Verify = VerifyLevel.Readback }, content);
        Assert.Equal(VerifiedBy.ReadBack, (await taken.Session.CommitAsync(null, default)).VerifiedBy);
    }

    [RequiresFact("linux", "rsync")]
    public async Task A_link_in_a_local_target_does_not_lead_a_copy_out()
    {
        await using var world = await RsyncWorld.LocalAsync();
        Directory.CreateSymbolicLink(Path.Combine(world.Root, "out"), world.Scratch);
        Assert.Equal("EscapesRoot", await OutcomeAsync(world.Destination, "out/song"));
        Assert.Empty(Directory.GetFiles(world.Scratch));
    }

    [RequiresFact("linux", "rsync")]
    public async Task A_run_carries_a_job_to_an_rsync_destination()
    {
        using var cli = new Cli();
        cli.Job().Add("song.m4a", "audio").Add("-film #1.mp4", "video").Write();
        var target = cli.Folder["nas"];
        var config = cli.Folder.Write("nas-sync.yaml", $$"""
            nasSync:
              outputsDir: outputs
              workDir: work
              destinations:
                vault: { type: rsync, target: "{{target}}" }
              routes:
                - to: "vault:${jobId}"
            """);
        Assert.Equal(0, (int)await cli.RunAsync("sync", "--config", config, "--json"));
        var committed = cli.Json.Where(line => line.GetProperty("event").GetString() == "committed").ToList();
        Assert.NotEmpty(committed);
        Assert.All(committed, line => Assert.Equal("serverHash", line.GetProperty("verifiedBy").GetString(), ignoreCase: true));
        Assert.Equal(committed.Count + 1, Directory.GetFiles(target, "*", SearchOption.AllDirectories).Length);
        Assert.True(File.Exists(Path.Combine(target, PlaceMarker.Name)));
        Assert.Empty(Directory.GetFileSystemEntries(cli.Folder["work/staging"]));
    }

    private static WriteRequest Request(string path, byte[] content) => SftpWorld.Request(path, content);

    private static void StopAfter(long bytes, CancellationTokenSource stop)
    {
        if (bytes > Mebibyte) stop.Cancel();
    }

    private static async Task<(IWriteSession Session, FileStream Source)> OpenAsync(
        IDestination destination, RsyncWorld world, WriteRequest request, byte[] content)
    {
        var path = Path.Combine(world.Scratch, "source");
        await File.WriteAllBytesAsync(path, content);
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch.AddTicks(request.MtimeNs / 100));
        var source = File.OpenRead(path);
        var session = (ISourceSession)await destination.BeginWriteAsync(request, default);
        Assert.True(session.TryTake(source.SafeFileHandle));
        return (session, source);
    }

    private static async Task<Taken> TakenAsync(IDestination destination, RsyncWorld world, WriteRequest request, byte[] content)
    {
        var (session, source) = await OpenAsync(destination, world, request, content);
        return new Taken(session, source);
    }

    private static async Task<string> OutcomeAsync(IDestination destination, string path, int size = 1000)
    {
        try
        {
            var content = SftpWorld.Content(size);
            return (await SftpWorld.CopyAsync(destination, Request(path, content), content)).VerifiedBy.ToString();
        }
        catch (FailureException e)
        {
            return e.Failure.Code;
        }
    }

    private static async Task RefusedAsync(RsyncWorld world, RsyncDestinationConfig config, FailureClass expected, string code)
    {
        await using var destination = world.Connect(config);
        var failure = (await Assert.ThrowsAsync<FailureException>(() => SftpWorld.CopyAsync(destination, Request("song", [1]), [1]))).Failure;
        Assert.Equal((expected, code), (failure.Class, failure.Code));
        Assert.DoesNotContain("canary", failure.Message + failure.Hint, StringComparison.Ordinal);
    }

    private sealed record Taken(IWriteSession Session, FileStream Source) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Session.DisposeAsync();
            await Source.DisposeAsync();
        }
    }
}
