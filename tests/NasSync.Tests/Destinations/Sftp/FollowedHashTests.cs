using System.Globalization;
using NasSync.Tests.Support;

namespace NasSync.Tests.Destinations.Sftp;

/// <summary>Large copies, which the host hashes while they come.</summary>
public sealed class FollowedHashTests
{
    private const int MiB = 1024 * 1024;

    [RequiresFact("linux", SshServer.Program)]
    public async Task What_the_host_has_hashed_on_its_way_is_not_read_a_second_time()
    {
        await using var world = await SftpWorld.StartAsync(followFrom: 0);
        var content = SftpWorld.Content((40 * MiB) + 17);
        await using var copy = await world.Destination.BeginWriteAsync(SftpWorld.Request("film.mkv", content), default);
        await SftpWorld.SendAsync(copy, content, 0, 36 * MiB);
        var part = await ReadUntilAsync(world, 16 * MiB);

        // Only who has read it before can still know what stood here.
        Write(part, new byte[MiB]);
        await SftpWorld.SendAsync(copy, content, 36 * MiB, content.Length);
        Assert.Equal(VerifiedBy.ServerHash, (await copy.CommitAsync(SftpWorld.Sha256(content), default)).VerifiedBy);
        Assert.NotEqual(content, File.ReadAllBytes(Path.Combine(world.Server.Root, "film.mkv")));
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_copy_that_was_read_wrongly_on_its_way_is_hashed_as_a_whole_before_it_is_condemned()
    {
        await using var world = await SftpWorld.StartAsync(followFrom: 0);
        var content = SftpWorld.Content(30 * MiB);
        var request = SftpWorld.Request("film.mkv", content);
        await using (var first = await world.Destination.BeginWriteAsync(request, default)) await SftpWorld.SendAsync(first, content, 0, 20 * MiB);
        Write(Assert.Single(Directory.GetFiles(world.Server.Root)), new byte[MiB]);
        await using var second = await world.Destination.BeginWriteAsync(request, default);
        await SftpWorld.SendAsync(second, content, second.ResumeAt, 25 * MiB);
        Write(await ReadUntilAsync(world, 16 * MiB), content.AsSpan(0, MiB));
        await SftpWorld.SendAsync(second, content, 25 * MiB, content.Length);
        Assert.Equal(VerifiedBy.ServerHash, (await second.CommitAsync(SftpWorld.Sha256(content), default)).VerifiedBy);
        Assert.Equal(content, File.ReadAllBytes(Path.Combine(world.Server.Root, "film.mkv")));
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_damaged_copy_is_discarded()
    {
        await using var world = await SftpWorld.StartAsync(followFrom: 0);
        var content = SftpWorld.Content(3_000_000);
        var failure = await Assert.ThrowsAsync<FailureException>(
            () => SftpWorld.CopyAsync(world.Destination, SftpWorld.Request("film.mkv", content), content, new string('0', 64)));
        Assert.Equal("CopyCorrupt", failure.Failure.Code);
        Assert.Empty(Directory.GetFiles(world.Server.Root));
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task Copies_one_after_the_other_and_at_the_same_time_are_each_proven()
    {
        await using var world = await SftpWorld.StartAsync(followFrom: 0);
        for (var round = 0; round < 2; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 4).Select(async i =>
            {
                var content = SftpWorld.Content(2_000_000 + i, (10 * round) + i);
                var receipt = await SftpWorld.CopyAsync(world.Destination, SftpWorld.Request($"it's {round} $(id) {i}", content), content);
                Assert.Equal((VerifiedBy.ServerHash, SftpWorld.Sha256(content)), (receipt.VerifiedBy, receipt.Sha256));
            }));
        }
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_copy_that_is_given_up_leaves_no_process_on_the_host()
    {
        await using var world = await SftpWorld.StartAsync(followFrom: 0);
        var content = SftpWorld.Content(30 * MiB);
        await using (var copy = await world.Destination.BeginWriteAsync(SftpWorld.Request("film.mkv", content), default))
        {
            await SftpWorld.SendAsync(copy, content, 0, 20 * MiB);
            await ReadUntilAsync(world, 16 * MiB);
        }

        await world.Destination.DisposeAsync();
        await UntilAsync(() => Readers(world).Count == 0);
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_shell_that_sees_other_files_is_not_believed_here_either()
    {
        using var elsewhere = new TempFolder();
        await using var world = await SftpWorld.StartAsync($"internal-sftp -d {elsewhere.Path}", config: server => server.Config("."), followFrom: 0);
        var content = SftpWorld.Content(3_000_000);
        var receipt = await SftpWorld.CopyAsync(world.Destination, SftpWorld.Request("nassync-elsewhere/a", content), content);
        Assert.Equal(VerifiedBy.ReadBack, receipt.VerifiedBy);
        Assert.Equal(content, File.ReadAllBytes(elsewhere["nassync-elsewhere/a"]));
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_host_that_runs_nothing_but_SFTP_is_proven_by_reading_back()
    {
        await using var world = await SftpWorld.StartAsync(settings: "ForceCommand internal-sftp", followFrom: 0);
        var content = SftpWorld.Content(3_000_000);
        Assert.Equal(VerifiedBy.ReadBack, (await SftpWorld.CopyAsync(world.Destination, SftpWorld.Request("a", content), content)).VerifiedBy);
    }

    [RequiresFact("linux", "openssl", SshServer.Program)]
    public Task The_host_hashes_with_openssl_where_it_has_it() => HashByAsync("exec /usr/bin/openssl \"$@\"", isUsed: true);

    [RequiresFact("linux", SshServer.Program)]
    public Task A_host_whose_openssl_does_not_hash_does_it_with_another_program() => HashByAsync("echo no; exit 1", isUsed: false);

    private static async Task HashByAsync(string script, bool isUsed)
    {
        using var bin = new TempFolder();
        bin.WriteScript("openssl", $"#!/bin/sh\n{script}\n");
        bin.WriteScript("sha256sum", $"#!/bin/sh\ntouch '{bin["other"]}'\nexec /usr/bin/sha256sum \"$@\"\n");
        await using var world = await SftpWorld.StartAsync(settings: $"SetEnv PATH={bin.Path}:/usr/bin:/bin", followFrom: 0);
        var content = SftpWorld.Content(3_000_000);
        Assert.Equal(VerifiedBy.ServerHash, (await SftpWorld.CopyAsync(world.Destination, SftpWorld.Request("a", content), content)).VerifiedBy);
        Assert.Equal(isUsed, !File.Exists(bin["other"]));
    }

    private static void Write(string file, ReadOnlySpan<byte> start)
    {
        using var stream = File.OpenWrite(file);
        stream.Write(start);
    }

    // The part file, once a process of the host has read so much of it.
    private static async Task<string> ReadUntilAsync(SftpWorld world, long bytes)
    {
        // One look both finds the file and names it: the process may be gone at the next.
        string? file = null;
        await UntilAsync(
            () => (file = Readers(world).Where(reader => reader.Position >= bytes).Select(reader => reader.File).FirstOrDefault()) is not null);
        return file!;
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        while (!isSo())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    // Who has a file below the root open as a shell opens it for the host's hash, and how far it has come.
    private static List<(string File, long Position)> Readers(SftpWorld world)
    {
        var found = new List<(string, long)>();
        foreach (var process in Directory.EnumerateDirectories("/proc")
            .Where(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out _)))
        {
            try
            {
                if (File.ResolveLinkTarget(Path.Combine(process, "fd/3"), returnFinalTarget: false)?.FullName is not { } file
                    || !file.StartsWith(world.Server.Root, StringComparison.Ordinal)) continue;
                var info = File.ReadLines(Path.Combine(process, "fdinfo/3")).ToDictionary(
                    line => line.Split(':')[0],
                    line => line.Split(':')[1].Trim());

                // The SFTP server itself may write by this number.
                if (info["flags"].EndsWith('0')) found.Add((file, long.Parse(info["pos"], CultureInfo.InvariantCulture)));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended meanwhile.
            }
        }

        return found;
    }
}
