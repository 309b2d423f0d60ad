using NasSync.Destinations;
using NasSync.Destinations.Local;
using NasSync.Files;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

public sealed class VerificationTests
{
    [Theory]
    [InlineData(VerifyLevel.Size, VerifiedBy.SizeOnly)]
    [InlineData(VerifyLevel.Checksum, VerifiedBy.ReadBackCached)]
    [InlineData(VerifyLevel.Readback, VerifiedBy.ReadBack)]
    public async Task The_receipt_says_how_a_copy_of_many_blocks_was_proven(VerifyLevel level, VerifiedBy expected)
    {
        using var world = new SyncWorld();
        world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}"], Verify = level };
        world.Job().Add("a.m4a", "audio", content: Bytes(5_000_003), declare: true).Write();
        await world.SyncAsync();
        var copy = Assert.Single(world.Recorded());
        Assert.Equal(expected, copy.Receipt.VerifiedBy);
        Assert.Equal(copy.Receipt.Sha256, TempFolder.Sha256Of(Path.Combine(world.Nas, "a.m4a")));
        Assert.Equal(TempFolder.Sha256Of(Path.Combine(world.Outputs, "job_1/a.m4a")), copy.Receipt.Sha256);
    }

    [RequiresFact("xfs")]
    public async Task Where_the_file_system_shares_extents_the_copy_does_and_the_declared_hash_is_still_checked()
    {
        using var xfs = Mounted.Xfs();
        using var world = new SyncWorld(below: xfs.Path);
        world.Job().Add("a.m4a", "audio", content: Bytes(3_000_000)).Add("b.m4a", "audio", content: Bytes(10), declare: true).Write();
        world.Job("job_2").Add("c.m4a", "audio").Declare("wrong.m4a", "audio", sha256: new string('0', 64)).Write();
        File.WriteAllText(Path.Combine(world.Outputs, "job_2/wrong.m4a"), "x");
        Assert.Equal("ManifestMismatch", Assert.Single(await world.FailuresAsync()).Code);
        var copies = world.Recorded();
        Assert.All(copies, copy => Assert.Equal(VerifiedBy.SharedExtents, copy.Receipt.VerifiedBy));
        Assert.Null(copies.Single(copy => copy.Artifact == "a.m4a").Receipt.Sha256);
        Assert.Equal(TempFolder.Sha256Of(Path.Combine(world.Nas, "job_1/b.m4a")), copies.Single(copy => copy.Artifact == "b.m4a").Receipt.Sha256);
        Assert.Equal(TempFolder.Sha256Of(Path.Combine(world.Outputs, "job_1/a.m4a")), TempFolder.Sha256Of(Path.Combine(world.Nas, "job_1/a.m4a")));
        Assert.Equal(["job_1/a.m4a", "job_1/b.m4a", "job_2/c.m4a"], world.NasFiles());
    }

    [RequiresFact("linux")]
    public async Task Holes_stay_holes()
    {
        using var world = new SyncWorld();
        var job = world.Job().Add("sparse.wav", "audio");
        var path = Path.Combine(job.Folder, "sparse.wav");
        using (var file = new FileStream(path, FileMode.Create))
        {
            file.SetLength(64L << 20);
            file.Position = 40L << 20;
            file.Write("data"u8);
        }

        job.Write();
        Assert.Equal(1, (await world.SyncAsync()).Committed);
        var copy = Path.Combine(world.Nas, "job_1/sparse.wav");
        Assert.Equal(TempFolder.Sha256Of(path), TempFolder.Sha256Of(copy));
        using var root = SafeRoot.Open(world.Nas);
        Assert.InRange(root.Stat(RelativePath.Parse("job_1/sparse.wav"))!.Value.AllocatedBytes, 1, 2 << 20);
    }

    [RequiresFact("mount")]
    public async Task Data_that_lies_scattered_among_holes_takes_no_more_room_than_at_the_source()
    {
        using var disk = Mounted.Tmpfs("256m");
        using var world = new SyncWorld(nas: Path.Combine(disk.Path, "nas"), below: disk.Path);
        var job = world.Job().Add("sparse.wav", "audio");
        var path = Path.Combine(job.Folder, "sparse.wav");
        using (var file = new FileStream(path, FileMode.Create))
        {
            // One page of data in each half megabyte, the last one short, and a hole at the end.
            for (var at = 0L; at < 200L << 20; at += 512 << 10)
            {
                file.Position = at + 8192;
                file.Write(Bytes(4096));
            }

            file.SetLength((200L << 20) + 12345);
        }

        job.Write();
        Assert.Equal(1, (await world.SyncAsync()).Committed);
        var copy = Path.Combine(world.Nas, "job_1/sparse.wav");
        Assert.Equal(TempFolder.Sha256Of(path), TempFolder.Sha256Of(copy));
        Assert.InRange(Allocated(copy), 1, Allocated(path) + 65536);
        Assert.InRange(Allocated(path), 1, 4 << 20);

        static long Allocated(string path)
        {
            using var root = SafeRoot.Open(Path.GetDirectoryName(path)!);
            return root.Stat(RelativePath.Parse(Path.GetFileName(path)))!.Value.AllocatedBytes;
        }
    }

    [RequiresFact("mount")]
    public async Task A_full_destination_fails_its_items_and_leaves_no_part()
    {
        using var small = Mounted.Tmpfs("1m");
        using var world = new SyncWorld(nas: small.Path);
        // One at a time: beside the big one there would be no room for the small one either.
        world.Config = world.Config with { Transfers = 1 };
        world.Job().Add("big.m4a", "audio", content: Bytes(3_000_000)).Add("small.m4a", "audio").Write();
        var failure = Assert.Single(await world.FailuresAsync());
        Assert.Equal(FailureClass.NoSpace, failure.Class);
        Assert.Equal(["job_1/small.m4a"], world.NasFiles());
    }

    [Fact]
    public async Task A_copy_that_reads_back_differently_is_discarded()
    {
        using var temp = new TempFolder();
        await using var destination = new LocalDestination(temp["nas"], TimeProvider.System);
        await using (var copy = await destination.BeginWriteAsync(Request(5, VerifyLevel.Readback), default))
        {
            await copy.WriteAsync(0, "music"u8.ToArray(), default);
            File.WriteAllText(Directory.GetFiles(temp["nas"]).Single(), "noise");
            var error = await Assert.ThrowsAsync<FailureException>(() => copy.CommitAsync(TestHash("music"u8), default).AsTask());
            Assert.Equal("CopyCorrupt", error.Failure.Code);
            Assert.True(error.Failure.IsTransient);
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(temp["nas"]));
    }

    // Two megabytes are compared in several pieces, and only the last one differs: the others are zeros already.
    [RequiresFact("linux")]
    public async Task A_block_that_the_medium_does_not_keep_is_found_out_as_soon_as_it_is_written()
    {
        using var temp = new TempFolder();
        await using var destination = new LocalDestination(temp["nas"], TimeProvider.System);
        var block = new byte[2 << 20];
        block[^1] = 1;
        await using (var copy = await destination.BeginWriteAsync(Request(block.Length, VerifyLevel.Checksum), default))
        {
            ForgetfulMedium.PutBelow(Directory.GetFiles(temp["nas"]).Single());
            var error = await Assert.ThrowsAsync<FailureException>(() => copy.WriteAsync(0, block, default).AsTask());
            Assert.Equal((FailureClass.Transient, "CopyCorrupt"), (error.Failure.Class, error.Failure.Code));
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(temp["nas"]));
    }

    [Fact]
    public async Task A_copy_of_another_size_is_discarded()
    {
        using var temp = new TempFolder();
        await using var destination = new LocalDestination(temp["nas"], TimeProvider.System);
        await using (var copy = await destination.BeginWriteAsync(Request(6, VerifyLevel.Size), default))
        {
            await copy.WriteAsync(0, "music"u8.ToArray(), default);
            Assert.Equal("CopyCorrupt", (await Assert.ThrowsAsync<FailureException>(() => copy.CommitAsync("", default).AsTask())).Failure.Code);
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(temp["nas"]));
    }

    [Fact]
    public void Blocks_are_hashed_in_their_order_whatever_thread_does_it()
    {
        var bytes = Bytes(1 << 20);
        using var hasher = new BlockHasher();
        for (var i = 0; i < bytes.Length; i += 1000) hasher.Append(bytes.AsMemory(i, Math.Min(1000, bytes.Length - i)), () => { });
        Assert.Equal(TestHash(bytes), hasher.Finish());
    }

    private static WriteRequest Request(long size, VerifyLevel verify) =>
        new() { Path = RelativePath.Parse("a.m4a"), Size = size, MtimeNs = 0, Fingerprint = "x", Verify = verify };

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    private static string TestHash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));
}
