using NasSync.Destinations;
using NasSync.Ledgers;
using NasSync.Tests.Ledgers;
using NasSync.Tests.Support;
using NasSync.Verifying;

namespace NasSync.Tests.Verifying;

public sealed class SampleTests
{
    [Theory]
    [InlineData("5%", 10_000, 500)]
    [InlineData("0.5%", 10_000, 50)]
    [InlineData("5%", 10, 1)]
    [InlineData("100%", 7, 7)]
    [InlineData("200", 10_000, 200)]
    [InlineData("200", 7, 7)]
    [InlineData("5%", 0, 0)]
    public void A_sample_is_a_part_or_a_number(string text, long copies, long expected)
    {
        Assert.True(VerifySample.TryParse(text, out var sample));
        Assert.Equal(expected, sample.Of(copies));
        Assert.Equal(text, sample.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("0%")]
    [InlineData("101%")]
    [InlineData("-5%")]
    [InlineData("1.5")]
    [InlineData("5 %x")]
    [InlineData("all")]
    public void Anything_else_is_none(string text) => Assert.False(VerifySample.TryParse(text, out _));

    [Fact]
    public void Exactly_as_many_are_chosen_and_each_with_the_same_chance()
    {
        var times = new int[100];
        for (var seed = 0; seed < 2000; seed++)
        {
            var sampler = new Sampler(100, 10, new Random(seed));
            var chosen = Enumerable.Range(0, 100).Where(_ => sampler.Take()).ToList();
            Assert.Equal(10, chosen.Count);
            foreach (var one in chosen) times[one]++;
        }

        // 200 are expected; five standard deviations are 67.
        Assert.All(times, time => Assert.InRange(time, 133, 267));
    }

    [Fact]
    public void More_than_were_announced_are_no_trouble()
    {
        var sampler = new Sampler(10, 10, new Random(1));
        Assert.Equal(10, Enumerable.Range(0, 30).Count(_ => sampler.Take()));
    }

    [Fact]
    public async Task Of_ten_thousand_copies_in_many_pages_each_is_looked_at_once_and_a_sample_is_repeated_by_its_seed()
    {
        using var world = new SyncWorld();
        Record(world, 10_000);
        var place = new SteadyPlace();
        var (all, result) = await world.VerifyAsync(wrap: (_, _) => place);
        Assert.Equal(
            (10_000, 10_000, 10_000),
            (result.Copies, all.Select(finding => finding.Target).Distinct().Count(), result.Of(CopyState.Intact)));
        Assert.Null(result.Seed);
        Assert.Equal(10_000, place.Hashed);

        var request = new VerifyRequest { Sample = Sample("5%"), Seed = 42 };
        var (first, sampled) = await world.VerifyAsync(request, (_, _) => place);
        Assert.Equal((10_000, 500, 42), (sampled.Copies, sampled.Verified, sampled.Seed));
        Assert.Equal(
            first.Select(finding => finding.Target),
            (await world.VerifyAsync(request, (_, _) => place)).Findings.Select(finding => finding.Target));
        Assert.NotEqual(
            first.Select(finding => finding.Target),
            (await world.VerifyAsync(request with { Seed = 43 }, (_, _) => place)).Findings.Select(finding => finding.Target));

        // One that nobody seeded tells its number, so that it can be had again.
        var (unseeded, told) = await world.VerifyAsync(request with { Seed = null }, (_, _) => place);
        Assert.Equal(
            unseeded.Select(finding => finding.Target),
            (await world.VerifyAsync(request with { Seed = told.Seed }, (_, _) => place)).Findings.Select(finding => finding.Target));
    }

    [Fact]
    public async Task Copies_are_chosen_by_job_destination_and_path_before_the_sample_is()
    {
        using var world = new SyncWorld();
        world.Config = world.Config with { Destinations = FindingTests.Named(Path.Combine(world.Root, "shelf")) };
        world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}/${jobId}", "shelf:${jobId}"] };
        for (var i = 1; i <= 3; i++) world.Job($"job_{i}").Add("a.m4a", "audio").Add("b.m4a", "audio").Write();
        await world.SyncAsync();

        Assert.Equal(12, (await world.VerifyAsync()).Result.Verified);
        Assert.Equal(4, (await world.VerifyAsync(new() { Jobs = ["job_2"] })).Result.Verified);
        Assert.Equal(6, (await world.VerifyAsync(new() { Destinations = ["SHELF"] })).Result.Verified);
        Assert.Equal(6, (await world.VerifyAsync(new() { Destinations = [world.Nas + "/"] })).Result.Verified);
        Assert.Equal(6, (await world.VerifyAsync(new() { Destinations = ["local"] })).Result.Verified);
        Assert.Equal(0, (await world.VerifyAsync(new() { Destinations = [world.Nas + "-other"] })).Result.Verified);
        Assert.Equal(8, (await world.VerifyAsync(
            new() { Paths = [Path.Combine(world.Outputs, "job_1"), Path.Combine(world.Outputs, "job_3/manifest.json")] })).Result.Verified);
        var (findings, result) = await world.VerifyAsync(new() { Jobs = ["job_2"], Destinations = ["shelf"], Sample = Sample("50%"), Seed = 1 });
        Assert.Equal((2, 1), (result.Copies, result.Verified));
        Assert.Equal(("job_2", "shelf"), (findings[0].JobId, findings[0].Destination));
    }

    [Fact]
    public async Task Stopped_it_ends_soon_and_tells_what_it_saw()
    {
        using var world = new SyncWorld();
        Record(world, 2_000);
        using var stop = new CancellationTokenSource();
        var place = new SteadyPlace { OnHash = count => { if (count == 100) stop.Cancel(); } };
        var (findings, result) = await world.VerifyAsync(wrap: (_, _) => place, cancellationToken: stop.Token);
        Assert.True(result.Stopped);
        Assert.Equal((ExitCode.Stopped, findings.Count), (result.ExitCode, (int)result.Verified));
        Assert.InRange(findings.Count, 1, 200);
    }

    private static VerifySample Sample(string text) => VerifySample.TryParse(text, out var sample) ? sample : throw new FormatException(text);

    private static void Record(SyncWorld world, int copies)
    {
        using var ledger = Ledger.Open(world.Config.WorkDir);
        ledger.Record([.. Enumerable.Range(0, copies).Select(i => Rows.Copy($"job_{i % 100}", $"{i}.m4a", Rows.At($"{i}.m4a", "/mnt/steady")))]);
    }

    /// <summary>Holds every file that was ever recorded by <see cref="Rows"/>.</summary>
    private sealed class SteadyPlace : IDestination
    {
        private int _hashed;

        public int Hashed => _hashed;

        public Action<int> OnHash { get; init; } = _ => { };

        public ValueTask<FileState?> StatAsync(RelativePath path, CancellationToken cancellationToken) =>
            ValueTask.FromResult(Rows.Copy("", "", Rows.At("x")).Receipt.Target);

        public ValueTask<(string Sha256, VerifiedBy By)?> HashAsync(RelativePath path, CancellationToken cancellationToken)
        {
            OnHash(Interlocked.Increment(ref _hashed));
            return ValueTask.FromResult<(string, VerifiedBy)?>((new string('a', 64), VerifiedBy.ServerHash));
        }

        public ValueTask<Capabilities> ProbeAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public IAsyncEnumerable<DestinationEntry> ListAsync(RelativePath? folder, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<IWriteSession> BeginWriteAsync(WriteRequest request, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<CommitReceipt> AdoptAsync(RelativePath path, string sha256, VerifyLevel verify, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask DeleteAsync(RelativePath path, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
