using NasSync.Destinations.S3;
using NasSync.Tests.Destinations.S3;
using NasSync.Tests.Support;

namespace NasSync.Tests.Faults;

/// <summary>A bad line to a real S3 server: a copy arrives complete or fails with the right error, and the next copy arrives.</summary>
[Needs("radosgw", "ceph-mon", "ceph-osd")]
[Long]
public sealed class S3LineTests
{
    private const int MiB = CephPlace.MiB;
    private static readonly S3Options Brisk = CephPlace.Small with { IdleTimeout = TimeSpan.FromSeconds(1.5), Retries = 3 };

    [NeedsTheory]
    [InlineData(nameof(LineFault.Reset), 300_000)]
    [InlineData(nameof(LineFault.Close), 300_000)]
    [InlineData(nameof(LineFault.Stall), 300_000)]
    [InlineData(nameof(LineFault.Swallow), 300_000)]
    [InlineData(nameof(LineFault.HalfOpen), 300_000)]
    [InlineData(nameof(LineFault.Reset), 3 * MiB / 2)]
    [InlineData(nameof(LineFault.Stall), 3 * MiB / 2)]
    [InlineData(nameof(LineFault.HalfOpen), 3 * MiB / 2)]
    public async Task A_line_that_fails_in_the_middle_of_a_body_is_left_for_another(string fault, int after)
    {
        await using var place = await CephPlace.MakeAsync();
        await using var line = FaultProxy.Before((await CephServer.GetAsync()).Endpoint.Port);
        await using var destination = Connect(place, line);
        await destination.ProbeAsync(default);

        var content = CephPlace.Bytes(after < MiB ? 900_000 : 12 * MiB);
        for (var tries = 1; ; tries++)
        {
            // Closes the old connections, so that new ones get the fault. Two faults are set, since a check for leftovers may take the first.
            line.CutAll();
            for (var i = 0; i < 2; i++) line.Next(Enum.Parse<LineFault>(fault), Direction.ToServer, after);
            var struck = line.Struck;
            var name = $"a{tries}.bin";
            var receipt = await CephPlace.WriteAsync(destination, CephPlace.Request(name, content.Length), content);
            Assert.Equal(CephPlace.Sha256(content), receipt.Sha256);
            Assert.Equal(content, await place.ReadAsync(name));
            Assert.Empty(await place.UploadsAsync());
            if (struck.IsCompleted) return;

            // Under load, two such checks may come first; the body then uses a connection without a fault, and the attempt is repeated.
            Assert.True(tries < 5, "the fault did not strike");
        }
    }

    [NeedsTheory]
    [InlineData(nameof(LineFault.Reset))]
    [InlineData(nameof(LineFault.Close))]
    [InlineData(nameof(LineFault.Stall))]
    public async Task An_answer_that_breaks_off_is_asked_for_again(string fault)
    {
        await using var place = await CephPlace.MakeAsync();
        await using var line = FaultProxy.Before((await CephServer.GetAsync()).Endpoint.Port).Next(Enum.Parse<LineFault>(fault), Direction.ToClient, 40);
        await using var destination = Connect(place, line);
        var struck = line.Struck;
        Assert.Null(await destination.StatAsync(RelativePath.Parse("no.bin"), default));
        Assert.True(struck.IsCompleted, "the fault did not strike");
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task A_line_that_is_always_silent_is_given_up_as_something_that_may_pass()
    {
        await using var place = await CephPlace.MakeAsync();
        await using var line = FaultProxy.Before((await CephServer.GetAsync()).Endpoint.Port);
        for (var i = 0; i < 50; i++) line.Next(LineFault.Swallow, Direction.ToServer, 0);
        await using var destination = Connect(place, line, Brisk with { IdleTimeout = TimeSpan.FromMilliseconds(200), Retries = 1 });
        var failure = (await Assert.ThrowsAsync<FailureException>(async () => await destination.StatAsync(RelativePath.Parse("a"), default))).Failure;
        Assert.True(failure.IsTransient, failure.ToString());
    }

    private static S3Destination Connect(CephPlace place, FaultProxy line, S3Options? options = null) =>
        new(CephPlace.Describe(new Uri($"http://127.0.0.1:{line.Port}"), place.Bucket), CephPlace.Keys, new UploadsInMemory(), options ?? Brisk);
}
