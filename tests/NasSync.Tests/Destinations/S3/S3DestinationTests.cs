using NasSync.Destinations.S3;
using NasSync.Tests.Support;
using static NasSync.Tests.Destinations.S3.CephPlace;

namespace NasSync.Tests.Destinations.S3;

public sealed class S3DestinationTests
{
    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task A_small_file_arrives_with_its_time_and_origin_proven_by_the_server()
    {
        await using var place = await MakeAsync();
        var bytes = Bytes(70_000);
        var receipt = await WriteAsync(place.Destination, Request("audio/Zoë.m4a", bytes.Length), bytes);
        Assert.Equal(
            (70_000L, Sha256(bytes), VerifiedBy.ServerHash, Durability.ServerAcknowledged),
            (receipt.Size, receipt.Sha256, receipt.VerifiedBy, receipt.Durability));
        Assert.Equal(bytes, await place.ReadAsync("artifacts/audio/Zoë.m4a"));
        var head = await place.Raw.GetObjectMetadataAsync(place.Bucket, "artifacts/audio/Zoë.m4a");
        Assert.Equal("1700000000.123456789", head.Metadata["mtime"]);
        Assert.Equal("job%207%2F%C3%BC.m4a", head.Metadata["nassync-origin"]);
        Assert.Equal(Sha256(bytes), head.Metadata["nassync-sha256"]);
        Assert.Null(head.Headers.ContentEncoding);
        Assert.Equal(receipt.Target, await place.Destination.StatAsync(RelativePath.Parse("audio/Zoë.m4a"), default));
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task A_large_file_goes_in_parts_and_leaves_no_upload_behind()
    {
        await using var place = await MakeAsync();
        var bytes = Bytes((17 * MiB) + 5);
        var receipt = await WriteAsync(place.Destination, Request("video/clip.mp4", bytes.Length), bytes);
        Assert.Equal(VerifiedBy.ServerHash, receipt.VerifiedBy);
        Assert.Equal(bytes, await place.ReadAsync("artifacts/video/clip.mp4"));
        Assert.EndsWith("-4\"", (await place.Raw.GetObjectMetadataAsync(place.Bucket, "artifacts/video/clip.mp4")).ETag);
        Assert.Empty(await place.UploadsAsync());
        Assert.Empty(place.Uploads.All());
        Assert.Equal(receipt.Target, await place.Destination.StatAsync(RelativePath.Parse("video/clip.mp4"), default));
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task An_empty_file_arrives()
    {
        await using var place = await MakeAsync();
        var receipt = await WriteAsync(place.Destination, Request("empty", 0), []);
        Assert.Equal((0L, VerifiedBy.ServerHash), (receipt.Size, receipt.VerifiedBy));
        Assert.Empty(await place.ReadAsync("artifacts/empty"));
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task Each_level_of_verification_does_what_it_says()
    {
        await using var place = await MakeAsync();
        foreach (var size in (int[])[1000, 6 * MiB])
        {
            var bytes = Bytes(size);
            var by = new List<VerifiedBy>();
            foreach (var level in (VerifyLevel[])[VerifyLevel.Size, VerifyLevel.Checksum, VerifyLevel.Readback])
                by.Add((await WriteAsync(place.Destination, Request($"{size}/{level}", size, verify: level), bytes)).VerifiedBy);
            Assert.Equal([VerifiedBy.SizeOnly, VerifiedBy.ServerHash, VerifiedBy.ReadBack], by);
        }
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task A_source_that_is_not_what_its_hash_says_never_becomes_visible()
    {
        await using var place = await MakeAsync();
        var bytes = Bytes(1000);
        await using var session = await place.Destination.BeginWriteAsync(Request("x", 1000), default);
        await session.WriteAsync(0, bytes, default);
        var error = await Assert.ThrowsAsync<FailureException>(() => session.CommitAsync(Sha256(Bytes(1000, seed: 2)), default).AsTask());
        Assert.Equal((FailureClass.Transient, "CopyCorrupt"), (error.Failure.Class, error.Failure.Code));
        Assert.Null(await place.Destination.StatAsync(RelativePath.Parse("x"), default));
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task Odd_names_keep_their_bytes()
    {
        await using var place = await MakeAsync(prefix: "pre fix/ü+");
        string[] names =
        [
            " leading", "trailing ", "-dash", "a b", "a+b", "100%", "%41", "a#b?c&d=e", "it's (a) \"quote\"!*", "semi;colon,comma@$:", "tab\there",
            "new\nline", "bell\a",
            "~tilde^`|{}[]", "<tag>&amp;", "Zoe\u0308", "Zo\u00eb", "日本", "😀", ".hidden", "...", new string('x', 255), "\u202eevil",
        ];
        foreach (var name in names)
        {
            var bytes = Bytes(100, seed: name.GetHashCode(StringComparison.Ordinal));
            await WriteAsync(place.Destination, Request($"odd/{name}", 100), bytes);
            Assert.Equal((Sha256(bytes), VerifiedBy.ReadBack), await place.Destination.HashAsync(RelativePath.Parse($"odd/{name}"), default));
        }

        var listed = new List<string>();
        await foreach (var entry in place.Destination.ListAsync(RelativePath.Parse("odd"), default)) listed.Add(entry.Path.FileName);
        Assert.Equal(names.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task A_listing_has_the_files_of_one_folder_over_all_pages()
    {
        await using var place = await MakeAsync();
        await Task.WhenAll(Enumerable.Range(0, 1005).Select(i => WriteAsync(place.Destination, Request($"many/{i:0000}", 1), [7])));
        await WriteAsync(place.Destination, Request("many/deeper/not this", 1), [7]);
        await WriteAsync(place.Destination, Request("many more", 1), [7]);
        await WriteAsync(place.Destination, Request("top", 1), [7]);
        Assert.Equal(1005, (await ListAsync("many")).Count);
        Assert.Equal(["many more", "top"], (await ListAsync(null)).Order(StringComparer.Ordinal));
        Assert.Empty(await ListAsync("nowhere"));

        async Task<List<string>> ListAsync(string? folder)
        {
            var found = new List<string>();
            await foreach (var entry in place.Destination.ListAsync(folder is null ? null : RelativePath.Parse(folder), default))
                found.Add(entry.Path.Value);
            return found;
        }
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task A_file_of_another_origin_is_never_overwritten()
    {
        await using var place = await MakeAsync();
        foreach (var size in (int[])[10, 6 * MiB])
        {
            var first = Bytes(size);
            await WriteAsync(place.Destination, Request($"taken{size}", size), first);
            var error = await Assert.ThrowsAsync<FailureException>(
                () => WriteAsync(place.Destination, Request($"taken{size}", size, fingerprint: "two"), Bytes(size, seed: 2)));
            Assert.Equal((FailureClass.Conflict, "TargetChanged"), (error.Failure.Class, error.Failure.Code));
            Assert.Equal(first, await place.ReadAsync($"artifacts/taken{size}"));
        }

        Assert.Empty(await place.UploadsAsync());
        Assert.Empty(place.Uploads.All());
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task Of_sixteen_that_write_one_name_at_once_exactly_one_wins()
    {
        await using var place = await MakeAsync();
        await place.Destination.ProbeAsync(default);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(async i =>
        {
            try
            {
                await WriteAsync(place.Destination, Request("race", 1000, fingerprint: $"{i}"), Bytes(1000, seed: i));
                return i;
            }
            catch (FailureException e) when (e.Failure.Class == FailureClass.Conflict)
            {
                return -1;
            }
        }));
        var winner = Assert.Single(outcomes, i => i >= 0);
        Assert.Equal(Bytes(1000, seed: winner), await place.ReadAsync("artifacts/race"));
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task The_file_that_the_plan_saw_is_replaced_and_a_changed_one_is_kept()
    {
        await using var place = await MakeAsync();
        var old = (await WriteAsync(place.Destination, Request("mine", 100), Bytes(100))).Target;
        var fresh = Bytes(200, seed: 2);
        await WriteAsync(place.Destination, Request("mine", 200, replaces: old, fingerprint: "two"), fresh);
        Assert.Equal(fresh, await place.ReadAsync("artifacts/mine"));
        var error = await Assert.ThrowsAsync<FailureException>(
            () => WriteAsync(place.Destination, Request("mine", 300, replaces: old, fingerprint: "three"), Bytes(300)));
        Assert.Equal(FailureClass.Conflict, error.Failure.Class);
        Assert.Equal(fresh, await place.ReadAsync("artifacts/mine"));
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task A_broken_off_upload_goes_on_with_the_missing_parts()
    {
        await using var place = await MakeAsync();
        var bytes = Bytes(18 * MiB);
        // With one part on its way at a time, the next is begun only when the answer for the one before has come.
        await using (var oneAtATime = place.Open(Small with { PartsInFlight = 1 }))
        await using (var session = await oneAtATime.BeginWriteAsync(Request("big", bytes.Length), default))
            await FeedAsync(session, bytes, 0, 12 * MiB);

        await using var next = place.Open();
        await using var resumed = await next.BeginWriteAsync(Request("big", bytes.Length), default);
        Assert.Equal(10 * MiB, resumed.ResumeAt);
        await FeedAsync(resumed, bytes, 10 * MiB, bytes.Length);
        Assert.Equal(VerifiedBy.ReadBack, (await resumed.CommitAsync(Sha256(bytes), default)).VerifiedBy);
        Assert.Equal(bytes, await place.ReadAsync("artifacts/big"));
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task What_is_read_back_takes_the_place_of_another_object_by_a_copy_on_the_server()
    {
        await using var place = await MakeAsync(prefix: "pre fix/ü");
        foreach (var (name, size) in new[] { ("small Zoë+%41", 1), ("large", 6 * MiB), ("emptied", 0) })
        {
            var old = (await WriteAsync(place.Destination, Request($"mine/{name}", 100), Bytes(100))).Target;
            var fresh = Bytes(size, seed: 2);
            var receipt = await WriteAsync(place.Destination, Request($"mine/{name}", size, replaces: old, VerifyLevel.Readback, "two"), fresh);
            Assert.Equal(VerifiedBy.ReadBack, receipt.VerifiedBy);
            Assert.Equal(fresh, await place.ReadAsync($"pre fix/ü/mine/{name}"));
            Assert.Equal(receipt.Target, await place.Destination.StatAsync(RelativePath.Parse($"mine/{name}"), default));
        }

        Assert.Equal(3, (await place.Raw.ListObjectsV2Async(new() { BucketName = place.Bucket })).S3Objects.Count);
        Assert.Empty(await place.UploadsAsync());
        Assert.Empty(place.Uploads.All());
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task Parts_that_are_there_but_hold_other_bytes_are_sent_again()
    {
        await using var place = await MakeAsync();
        var bytes = Bytes(11 * MiB);
        // With one part on its way at a time, the next is begun only when the answer for the one before has come.
        await using (var oneAtATime = place.Open(Small with { PartsInFlight = 1 }))
        await using (var session = await oneAtATime.BeginWriteAsync(Request("big", bytes.Length), default))
            await FeedAsync(session, Bytes(11 * MiB, seed: 2), 0, 6 * MiB);

        await WriteAsync(place.Destination, Request("big", bytes.Length), bytes);
        Assert.Equal(bytes, await place.ReadAsync("artifacts/big"));
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task An_upload_that_the_server_has_dropped_starts_anew()
    {
        await using var place = await MakeAsync();
        var bytes = Bytes(6 * MiB);
        place.Uploads.Remember(new PendingUpload("artifacts/big", "one", "2~nobodyknowsit"));
        await WriteAsync(place.Destination, Request("big", bytes.Length), bytes);
        Assert.Equal(bytes, await place.ReadAsync("artifacts/big"));
        Assert.Empty(place.Uploads.All());
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task A_session_that_brought_nothing_leaves_nothing()
    {
        await using var place = await MakeAsync();
        await (await place.Destination.BeginWriteAsync(Request("big", 6 * MiB), default)).DisposeAsync();
        await (await place.Destination.BeginWriteAsync(Request("small", 6), default)).DisposeAsync();
        Assert.Empty(await place.UploadsAsync());
        Assert.Empty(place.Uploads.All());
        Assert.Empty((await place.Raw.ListObjectsV2Async(new() { BucketName = place.Bucket })).S3Objects ?? []);
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task The_probe_tells_what_the_server_does_and_leaves_nothing()
    {
        await using var place = await MakeAsync();
        var seen = await place.Destination.ProbeAsync(default);
        Assert.True(seen is { AtomicReplace: true, CreateOnly: true, ServerHash: "md5", Resume: true, Mtime: true, Fsync: false }, seen.ToString());
        Assert.Empty((await place.Raw.ListObjectsV2Async(new() { BucketName = place.Bucket })).S3Objects ?? []);
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task The_probe_tells_of_kept_versions_and_locked_objects()
    {
        await using var place = await MakeAsync();
        Assert.DoesNotContain("kept", (await place.Destination.ProbeAsync(default)).Server);
        var name = $"locked{Guid.NewGuid():N}";
        await place.Raw.PutBucketAsync(new Amazon.S3.Model.PutBucketRequest { BucketName = name, ObjectLockEnabledForBucket = true });
        await using var locked = new S3Destination(place.Config with { Bucket = name }, Keys, options: Small);
        Assert.EndsWith("; former versions are kept; objects can be locked", (await locked.ProbeAsync(default)).Server);
        await place.Raw.PutObjectLockConfigurationAsync(new()
        {
            BucketName = name,
            ObjectLockConfiguration =
                new() { ObjectLockEnabled = "Enabled", Rule = new() { DefaultRetention = new() { Days = 3, Mode = "GOVERNANCE" } } },
        });
        await using var kept = new S3Destination(place.Config with { Bucket = name }, Keys, options: Small);
        Assert.EndsWith("; former versions are kept; objects are locked for 3 days", (await kept.ProbeAsync(default)).Server);
        await WriteAsync(kept, Request("x", 1000), Bytes(1000));
        await WriteAsync(kept, Request("y", 6 * MiB), Bytes(6 * MiB));
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task A_file_is_removed_and_a_missing_one_is_no_error()
    {
        await using var place = await MakeAsync();
        await WriteAsync(place.Destination, Request("gone", 10), Bytes(10));
        var path = RelativePath.Parse("gone");
        await place.Destination.DeleteAsync(path, default);
        await place.Destination.DeleteAsync(path, default);
        Assert.Null(await place.Destination.StatAsync(path, default));
        Assert.Null(await place.Destination.HashAsync(path, default));
    }
}
