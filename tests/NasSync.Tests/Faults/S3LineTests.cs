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

    // Seconds after which a silent connection is given up. Under load the server itself may be silent for longer, so later attempts allow more.
    private static readonly double[] Silences = [1.5, 6, 30];

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
        var content = CephPlace.Bytes(after < MiB ? 900_000 : 12 * MiB);

        // Under load, two such checks may come first; the body then uses a connection without a fault, and the attempt is repeated.
        await UntilStruckAsync(line, async silence =>
        {
            await using var destination = Connect(place, line, silence);
            await destination.ProbeAsync(default);

            // Closes the old connections, so that new ones get the fault. Two faults are set, since a check for leftovers may take the first.
            line.CutAll();
            for (var i = 0; i < 2; i++) line.Next(Enum.Parse<LineFault>(fault), Direction.ToServer, after);
            var name = $"a{silence}.bin";
            var receipt = await CephPlace.WriteAsync(destination, CephPlace.Request(name, content.Length), content);
            Assert.Equal(CephPlace.Sha256(content), receipt.Sha256);
            Assert.Equal(content, await place.ReadAsync(name));
            Assert.Empty(await place.UploadsAsync());
        });
    }

    [NeedsTheory]
    [InlineData(nameof(LineFault.Reset))]
    [InlineData(nameof(LineFault.Close))]
    [InlineData(nameof(LineFault.Stall))]
    public async Task An_answer_that_breaks_off_is_asked_for_again(string fault)
    {
        await using var place = await CephPlace.MakeAsync();
        await using var line = FaultProxy.Before((await CephServer.GetAsync()).Endpoint.Port);
        await UntilStruckAsync(line, async silence =>
        {
            line.Next(Enum.Parse<LineFault>(fault), Direction.ToClient, 40);
            await using var destination = Connect(place, line, silence);
            Assert.Null(await destination.StatAsync(RelativePath.Parse("no.bin"), default));
        });
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task A_line_that_is_always_silent_is_given_up_as_something_that_may_pass()
    {
        await using var place = await CephPlace.MakeAsync();
        await using var line = FaultProxy.Before((await CephServer.GetAsync()).Endpoint.Port);
        for (var i = 0; i < 50; i++) line.Next(LineFault.Swallow, Direction.ToServer, 0);
        await using var destination = Connect(place, line, silence: 0.2, retries: 1);
        var failure = (await Assert.ThrowsAsync<FailureException>(async () => await destination.StatAsync(RelativePath.Parse("a"), default))).Failure;
        Assert.True(failure.IsTransient, failure.ToString());
    }

    private static async Task UntilStruckAsync(FaultProxy line, Func<double, Task> copy)
    {
        foreach (var silence in Silences)
        {
            line.Forget();
            var struck = line.Struck;
            try
            {
                await copy(silence);
                if (struck.IsCompleted) return;
            }
            catch (FailureException e) when (e.Failure.IsTransient && silence != Silences[^1])
            {
                // The server itself needed longer.
            }
        }

        Assert.Fail("the fault did not strike");
    }

    private static S3Destination Connect(CephPlace place, FaultProxy line, double silence, int retries = 3) => new(
        CephPlace.Describe(new Uri($"http://127.0.0.1:{line.Port}"), place.Bucket),
        CephPlace.Keys,
        new UploadsInMemory(),
        CephPlace.Small with { IdleTimeout = TimeSpan.FromSeconds(silence), Retries = retries });
}
