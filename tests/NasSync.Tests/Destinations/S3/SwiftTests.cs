using NasSync.Destinations.S3;
using NasSync.Tests.Support;
using static NasSync.Tests.Destinations.S3.CephPlace;

namespace NasSync.Tests.Destinations.S3;

/// <summary>What the second server does in its own way; the promises of every place are in its contract tests.</summary>
public sealed class SwiftTests
{
    [RequiresFact("swift")]
    public async Task The_probe_tells_that_conditions_are_refused_that_readers_may_find_nothing_during_a_replacement_and_that_the_MD5_is_checked()
    {
        await using var place = await MakeOnSwiftAsync();
        var seen = await place.Destination.ProbeAsync(default);
        Assert.True(seen is { AtomicReplace: false, CreateOnly: false, ServerHash: "md5" }, seen.ToString());
        Assert.Contains("conditional writes refused", seen.Server);
    }

    [RequiresFact("swift")]
    public async Task A_broken_off_upload_goes_on_with_the_missing_parts()
    {
        await using var place = await MakeOnSwiftAsync();
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
        Assert.Empty(await place.UploadsAsync());
    }

    [RequiresFact("swift")]
    public async Task What_is_read_back_takes_the_place_of_another_object_by_a_copy_on_the_server()
    {
        await using var place = await MakeOnSwiftAsync(prefix: "pre fix/ü");
        foreach (var (name, size) in new[] { ("small Zoë+%41", 1), ("large", 6 * MiB), ("emptied", 0) })
        {
            var old = (await WriteAsync(place.Destination, Request($"mine/{name}", 100), Bytes(100))).Target;
            var fresh = Bytes(size, seed: 2);
            var receipt = await WriteAsync(place.Destination, Request($"mine/{name}", size, replaces: old, VerifyLevel.Readback, "two"), fresh);
            Assert.Equal(VerifiedBy.ReadBack, receipt.VerifiedBy);
            Assert.Equal(fresh, await place.ReadAsync($"pre fix/ü/mine/{name}"));
        }

        Assert.Equal(3, (await place.Raw.ListObjectsV2Async(new() { BucketName = place.Bucket })).S3Objects.Count);
        Assert.Empty(await place.UploadsAsync());
    }

    [RequiresFact("swift")]
    public async Task A_wrong_secret_and_a_missing_bucket_are_told_apart()
    {
        await using var place = await MakeOnSwiftAsync();
        Dictionary<string, string> right = new() { ["TEST_ID"] = SwiftServer.AccessKey, ["TEST_SECRET"] = SwiftServer.SecretKey };
        await using var wrong = new S3Destination(
            place.Config, new Dictionary<string, string>(right) { ["TEST_SECRET"] = "canary-4711" }, options: Small);
        await using var missing = new S3Destination(place.Config with { Bucket = "nowhere" }, right, options: Small);
        var refused = await Assert.ThrowsAsync<FailureException>(() => wrong.ProbeAsync(default).AsTask());
        Assert.Equal((FailureClass.Auth, "SecretKeyWrong"), (refused.Failure.Class, refused.Failure.Code));
        Assert.DoesNotContain("canary", refused.ToString());
        var absent = await Assert.ThrowsAsync<FailureException>(() => missing.ProbeAsync(default).AsTask());
        Assert.Equal((FailureClass.Config, "BucketMissing"), (absent.Failure.Class, absent.Failure.Code));
    }

    [RequiresFact("swift")]
    public async Task Uploads_that_are_abandoned_are_ended()
    {
        await using var place = await MakeOnSwiftAsync();
        // With one part on its way at a time, the next is begun only when the answer for the one before has come.
        await using (var oneAtATime = place.Open(Small with { PartsInFlight = 1 }))
        await using (var session = await oneAtATime.BeginWriteAsync(Request("big", 11 * MiB), default))
            await FeedAsync(session, Bytes(11 * MiB), 0, 6 * MiB);

        Assert.Equal((1, 0), await place.SweepAsync(TimeSpan.FromDays(7.1)));
        Assert.Empty(await place.UploadsAsync());
    }
}
