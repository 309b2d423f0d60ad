using NasSync.Files;
using NasSync.Tests.Support;

namespace NasSync.Tests.Destinations.Sftp;

public sealed class SftpDestinationTests
{
    private const string NoExtensions = "internal-sftp -P posix-rename,fsync,statvfs,fstatvfs,limits,hardlink";

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_copy_arrives_proven_and_durable()
    {
        await using var world = await SftpWorld.StartAsync();
        var content = SftpWorld.Content(9_000_001);
        var receipt = await SftpWorld.CopyAsync(world.Destination, SftpWorld.Request("a/b/song.flac", content), content);
        Assert.Equal(content, File.ReadAllBytes(Path.Combine(world.Server.Root, "a/b/song.flac")));
        Assert.Equal(
            (content.Length, SftpWorld.Sha256(content), VerifiedBy.ServerHash, Durability.Fsynced, true),
            (receipt.Size, receipt.Sha256, receipt.VerifiedBy, receipt.Durability, receipt.MtimeKept));
        Assert.Equal(receipt.Target, await world.Destination.StatAsync(RelativePath.Parse("a/b/song.flac"), default));
        Assert.Equal(new FileState(content.Length, 1_700_000_000_000_000_000, 0, 0), receipt.Target);
        Assert.Equal(["song.flac"], Names(world, "a/b"));
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task Without_extensions_a_copy_arrives_all_the_same_and_claims_less()
    {
        await using var world = await SftpWorld.StartAsync(NoExtensions);
        var (first, second) = (SftpWorld.Content(1_000_000), SftpWorld.Content(1_000_000, 2));
        var receipt = await SftpWorld.CopyAsync(world.Destination, SftpWorld.Request("x.bin", first, VerifyLevel.Readback), first);
        Assert.Equal((VerifiedBy.ReadBack, Durability.ServerAcknowledged), (receipt.VerifiedBy, receipt.Durability));
        await SftpWorld.CopyAsync(world.Destination, SftpWorld.Request("x.bin", second, replaces: receipt.Target), second);
        Assert.Equal(second, File.ReadAllBytes(Path.Combine(world.Server.Root, "x.bin")));
        var failure = await FailsAsync(SftpWorld.CopyAsync(world.Destination, SftpWorld.Request("x.bin", first), first));
        Assert.Equal((FailureClass.Conflict, "TargetChanged"), (failure.Class, failure.Code));
        Assert.Equal(["x.bin"], Names(world));
        var can = await world.Destination.ProbeAsync(default);
        Assert.Equal((false, true, false, null), (can.AtomicReplace, can.CreateOnly, can.Fsync, can.FreeBytes));
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task The_probe_tells_what_an_OpenSSH_server_can_and_leaves_nothing()
    {
        await using var world = await SftpWorld.StartAsync();
        var can = await world.Destination.ProbeAsync(default);
        Assert.Equal(
            (true, true, true, "sha256", true, true, 1_000_000_000, true, 255),
            (
                can.AtomicReplace, can.CreateOnly, can.Fsync, can.ServerHash, can.Resume, can.Mtime, can.MtimePrecisionNs, can.CaseSensitive,
                can.LongestName));
        Assert.True(can.FreeBytes > 0);
        Assert.StartsWith("SFTP 3: ", can.Server, StringComparison.Ordinal);
        Assert.Empty(Names(world));
    }

    [RequiresFact("linux", "root", SshServer.Program)]
    public async Task A_copy_that_replaces_a_file_has_its_mode_owner_and_group()
    {
        await using var world = await SftpWorld.StartAsync();
        var (first, second) = (SftpWorld.Content(1000), SftpWorld.Content(300_000, 2));
        var receipt = await SftpWorld.CopyAsync(world.Destination, SftpWorld.Request("x.bin", first), first);
        var path = Path.Combine(world.Server.Root, "x.bin");
        using (var file = File.OpenHandle(path)) Assert.Null(Libc.TrySetOwner(file, 54321, 54322) ?? Libc.TrySetMode(file, 0x184));

        receipt = await SftpWorld.CopyAsync(world.Destination, SftpWorld.Request("x.bin", second, replaces: receipt.Target), second);

        using var copy = File.OpenHandle(path);
        Assert.Equal((0x184, 54321u, 54322u), Libc.RightsOf(copy));
        Assert.Null(receipt.RightsLost);
        Assert.Equal(receipt.Target, await world.Destination.StatAsync(RelativePath.Parse("x.bin"), default));
    }

    [RequiresFact("linux", "root", SshServer.Program)]
    public async Task What_the_settings_ask_for_is_given_to_new_files_and_folders()
    {
        await using var world =
            await SftpWorld.StartAsync(config: server => server.Config() with { FileMode = "0606", DirMode = "2707", Owner = "54321", Group = "7" });
        var content = SftpWorld.Content(1000);
        await SftpWorld.CopyAsync(world.Destination, SftpWorld.Request("new/x.bin", content), content);
        using var file = File.OpenHandle(Path.Combine(world.Server.Root, "new/x.bin"));
        using var folder = Libc.OpenFolder(Path.Combine(world.Server.Root, "new"));
        Assert.Equal((0x186, 54321u, 7u), Libc.RightsOf(file));
        Assert.Equal((0x5C7, 54321u, 7u), Libc.RightsOf(folder));
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task What_the_server_does_not_give_is_a_failure_and_leaves_nothing()
    {
        // It knows no other requests than those, so that rights can be neither asked for nor set.
        await using var world = await SftpWorld.StartAsync(
            "/usr/lib/openssh/sftp-server -P fsetstat,setstat",
            config: server => server.Config() with { FileMode = "0606", DirMode = "0707" });
        var content = SftpWorld.Content(1000);
        var failure = await FailsAsync(SftpWorld.CopyAsync(world.Destination, SftpWorld.Request("new/x.bin", content), content));
        Assert.Equal((FailureClass.Permission, "RightsRefused"), (failure.Class, failure.Code));
        Assert.Contains("the mode 0707", failure.Message, StringComparison.Ordinal);
        failure = await FailsAsync(SftpWorld.CopyAsync(world.Destination, SftpWorld.Request("x.bin", content), content));
        Assert.Contains("x.bin cannot be given the mode 0606", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(world.Server.Root));
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task Odd_names_keep_their_bytes()
    {
        await using var world = await SftpWorld.StartAsync();
        string[] names =
        [
            "-rf", "a b", "it's \"quoted\"", "new\nline", "$(id)`id`;|&<>", "#%+?*[]{}~", "🎵 ünï", "e\u0301", "\u00e9", new string('x', 255),
            "tab\there", "..hidden", "日本/曲.flac",
        ];
        var content = SftpWorld.Content(300_000);
        foreach (var name in names)
        {
            var receipt = await SftpWorld.CopyAsync(world.Destination, SftpWorld.Request(name, content), content);
            Assert.Equal(VerifiedBy.ServerHash, receipt.VerifiedBy);
            Assert.Equal(content, File.ReadAllBytes(Path.Combine(world.Server.Root, name)));
            Assert.Equal((SftpWorld.Sha256(content), VerifiedBy.ServerHash), await world.Destination.HashAsync(RelativePath.Parse(name), default));
        }

        Assert.Equal(
            names.Where(name => !name.Contains('/')).Order(StringComparer.Ordinal),
            (await ListAsync(world.Destination, null)).Order(StringComparer.Ordinal));
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_broken_off_copy_goes_on_where_it_was()
    {
        await using var world = await SftpWorld.StartAsync();
        var content = SftpWorld.Content(8_000_000);
        var request = SftpWorld.Request("film.mkv", content, VerifyLevel.Size);
        await using (var first = await world.Destination.BeginWriteAsync(request, default)) await SftpWorld.SendAsync(first, content, 0, 5_000_000);
        Assert.Empty(await ListAsync(world.Destination, null));
        await using var second = await world.Destination.BeginWriteAsync(request, default);
        Assert.Equal(5_000_000, second.ResumeAt);
        await SftpWorld.SendAsync(second, content, second.ResumeAt, content.Length);
        var receipt = await second.CommitAsync(SftpWorld.Sha256(content), default);

        // Size was asked for, but what an earlier try left is always proven.
        Assert.Equal(VerifiedBy.ServerHash, receipt.VerifiedBy);
        Assert.Equal(["film.mkv"], Names(world));
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_small_part_that_is_longer_than_its_source_is_no_copy()
    {
        await using var world = await SftpWorld.StartAsync();
        var content = SftpWorld.Content(60_000);
        await using var session = await world.Destination.BeginWriteAsync(SftpWorld.Request("song.flac", content), default);
        using (var part = File.OpenWrite(Path.Combine(world.Server.Root, Assert.Single(Names(world))))) part.SetLength(content.Length + 1);
        await SftpWorld.SendAsync(session, content, 0, content.Length);
        var failure = await FailsAsync(session.CommitAsync(SftpWorld.Sha256(content), default).AsTask());
        Assert.Equal((FailureClass.Transient, "CopyCorrupt"), (failure.Class, failure.Code));
        Assert.Contains("60001 bytes", failure.Message, StringComparison.Ordinal);
    }

    [RequiresFact("linux", SshServer.Program, "/usr/lib/openssh/sftp-server")]
    public async Task Small_copies_into_a_new_folder_make_it_once_and_ask_for_no_size()
    {
        using var temp = new TempFolder();
        var server = temp.WriteScript("server", $"#!/bin/sh\nexec /usr/lib/openssh/sftp-server -e -l DEBUG3 2>>'{temp["log"]}'\n");
        await using var world = await SftpWorld.StartAsync(server);
        var content = SftpWorld.Content(60_000);
        await Task.WhenAll(
            Enumerable.Range(0, 8).Select(i => SftpWorld.CopyAsync(world.Destination, SftpWorld.Request($"a/b/{i}.flac", content), content)));
        var log = File.ReadAllText(temp["log"]);
        int Asked(string request) => System.Text.RegularExpressions.Regex.Count(log, $@"request \d+: {request}\b");
        Assert.Equal((8, 2, 0), (Asked("write"), Asked("mkdir"), Asked("fstat")));
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_damaged_part_is_discarded_and_the_next_try_begins_anew()
    {
        await using var world = await SftpWorld.StartAsync();
        var content = SftpWorld.Content(3_000_000);
        var request = SftpWorld.Request("film.mkv", content);
        await using (var first = await world.Destination.BeginWriteAsync(request, default)) await SftpWorld.SendAsync(first, content, 0, 2_000_000);
        using (var part = File.OpenWrite(Path.Combine(world.Server.Root, Assert.Single(Names(world))))) part.Write(new byte[1000]);
        var failure = await FailsAsync(SftpWorld.CopyAsync(world.Destination, request, content));
        Assert.Equal((FailureClass.Transient, "CopyCorrupt"), (failure.Class, failure.Code));
        Assert.Empty(Names(world));
        await SftpWorld.CopyAsync(world.Destination, request, content);
        Assert.Equal(content, File.ReadAllBytes(Path.Combine(world.Server.Root, "film.mkv")));
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_connection_cut_in_the_middle_is_transient_and_the_next_call_connects_again()
    {
        await using var world = await SftpWorld.StartAsync();
        var content = SftpWorld.Content(6_000_000);
        var request = SftpWorld.Request("film.mkv", content);
        await using (var first = await world.Destination.BeginWriteAsync(request, default))
        {
            await SftpWorld.SendAsync(first, content, 0, 5_000_000);
            world.Server.DropConnections();
            var failure = await FailsAsync(first.CommitAsync(SftpWorld.Sha256(content), default).AsTask());
            Assert.Equal((FailureClass.Transient, "ConnectionLost"), (failure.Class, failure.Code));
        }

        await using var second = await world.Destination.BeginWriteAsync(request, default);
        Assert.InRange(second.ResumeAt, 0, 5_000_000);
        await SftpWorld.SendAsync(second, content, second.ResumeAt, content.Length);
        await second.CommitAsync(SftpWorld.Sha256(content), default);
        Assert.Equal(content, File.ReadAllBytes(Path.Combine(world.Server.Root, "film.mkv")));
        Assert.Equal(["film.mkv"], Names(world));
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_file_that_appeared_or_changed_meanwhile_is_kept()
    {
        await using var world = await SftpWorld.StartAsync();
        var content = SftpWorld.Content(400_000);
        var other = Path.Combine(world.Server.Root, "song.mp3");
        foreach (var replaces in new FileState?[] { null, new FileState(1, 0, 0, 0) })
        {
            File.WriteAllText(other, "somebody else's");
            var failure =
                await FailsAsync(SftpWorld.CopyAsync(world.Destination, SftpWorld.Request("song.mp3", content, replaces: replaces), content));
            Assert.Equal((FailureClass.Conflict, "TargetChanged"), (failure.Class, failure.Code));
            Assert.Equal("somebody else's", File.ReadAllText(other));
            Assert.Equal(["song.mp3"], Names(world));
        }
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_file_of_ours_is_replaced_adopted_and_removed()
    {
        await using var world = await SftpWorld.StartAsync();
        var path = RelativePath.Parse("song.mp3");
        var (first, second) = (SftpWorld.Content(400_000), SftpWorld.Content(500_000, 2));
        var old = await SftpWorld.CopyAsync(world.Destination, SftpWorld.Request("song.mp3", first), first);
        await SftpWorld.CopyAsync(world.Destination, SftpWorld.Request("song.mp3", second, replaces: old.Target), second);
        Assert.Equal(second, File.ReadAllBytes(Path.Combine(world.Server.Root, "song.mp3")));
        var adopted = await world.Destination.AdoptAsync(path, SftpWorld.Sha256(second), VerifyLevel.Checksum, default);
        Assert.Equal((500_000, Durability.Fsynced), (adopted.Size, adopted.Durability));
        await world.Destination.DeleteAsync(path, default);
        await world.Destination.DeleteAsync(path, default);
        Assert.Null(await world.Destination.StatAsync(path, default));
        Assert.Null(await world.Destination.HashAsync(path, default));
        Assert.Empty(await ListAsync(world.Destination, "no/such/folder"));
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_host_that_runs_nothing_but_SFTP_is_proven_by_reading_back()
    {
        await using var world = await SftpWorld.StartAsync(settings: "ForceCommand internal-sftp");
        var content = SftpWorld.Content(3_000_000);
        var receipt = await SftpWorld.CopyAsync(world.Destination, SftpWorld.Request("a", content), content);
        Assert.Equal(VerifiedBy.ReadBack, receipt.VerifiedBy);
        Assert.Null((await world.Destination.ProbeAsync(default)).ServerHash);
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_shell_that_sees_other_files_is_not_believed()
    {
        // SFTP starts in another folder than the shell, so that one relative path names two files.
        using var elsewhere = new TempFolder();
        await using var world = await SftpWorld.StartAsync($"internal-sftp -d {elsewhere.Path}", config: server => server.Config("."));
        var content = SftpWorld.Content(3_000_000);
        var receipt = await SftpWorld.CopyAsync(world.Destination, SftpWorld.Request("nassync-elsewhere/a", content), content);
        Assert.Equal(VerifiedBy.ReadBack, receipt.VerifiedBy);
        Assert.Equal(content, File.ReadAllBytes(elsewhere["nassync-elsewhere/a"]));
        Assert.Equal(
            (SftpWorld.Sha256(content), VerifiedBy.ReadBack),
            await world.Destination.HashAsync(RelativePath.Parse("nassync-elsewhere/a"), default));
    }

    [RequiresFact("mount", SshServer.Program)]
    public async Task A_full_disk_is_told_as_such_and_the_part_does_not_keep_it_full()
    {
        using var disk = Mounted.Tmpfs("2m");
        await using var world = await SftpWorld.StartAsync(config: server => server.Config(disk.Path));
        var content = SftpWorld.Content(6_000_000);
        var failure = await FailsAsync(SftpWorld.CopyAsync(world.Destination, SftpWorld.Request("film.mkv", content), content));
        Assert.Equal((FailureClass.NoSpace, "NoSpace"), (failure.Class, failure.Code));
        Assert.Empty(Directory.GetFileSystemEntries(disk.Path));
    }

    [RequiresFact("mount", SshServer.Program)]
    public async Task A_disk_that_is_mounted_for_reading_is_told_as_such_also_when_it_is_nearly_full()
    {
        using var disk = Mounted.Tmpfs("64k,ro");
        await using var world = await SftpWorld.StartAsync(config: server => server.Config(disk.Path));
        var content = SftpWorld.Content(1000);
        var failure = await FailsAsync(SftpWorld.CopyAsync(world.Destination, SftpWorld.Request("song", content), content));
        Assert.Equal((FailureClass.Permission, "ReadOnlyFileSystem"), (failure.Class, failure.Code));
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_folder_that_no_listing_showed_is_told_as_such_and_not_as_a_change()
    {
        await using var world = await SftpWorld.StartAsync();
        Directory.CreateDirectory(Path.Combine(world.Server.Root, "song"));
        var content = SftpWorld.Content(1000);
        var failure = await FailsAsync(SftpWorld.CopyAsync(world.Destination, SftpWorld.Request("song", content), content));
        Assert.Equal(("TargetIsNotAFile", false), (failure.Code, failure.IsTransient));
    }

    private static List<string> Names(SftpWorld world, string folder = "") =>
        [.. Directory.EnumerateFileSystemEntries(Path.Combine(world.Server.Root, folder))
            .Select(path => Path.GetFileName(path)!)
            .Order(StringComparer.Ordinal)];

    private static async Task<List<string>> ListAsync(NasSync.Destinations.Sftp.SftpDestination destination, string? folder)
    {
        var names = new List<string>();
        await foreach (var entry in destination.ListAsync(folder is null ? null : RelativePath.Parse(folder), default)) names.Add(entry.Path.Value);
        return names;
    }

    private static async Task<Failure> FailsAsync(Task task) => (await Assert.ThrowsAsync<FailureException>(() => task)).Failure;
}
