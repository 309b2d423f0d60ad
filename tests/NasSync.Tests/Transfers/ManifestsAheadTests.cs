using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

/// <summary>Manifests that are read before their turn.</summary>
public sealed class ManifestsAheadTests
{
    private const int Many = 1000;

    [Fact]
    public void Manifests_come_in_their_order_with_what_was_read_of_them()
    {
        using var ahead = new ManifestsAhead(Sources(Many), Read, CancellationToken.None);
        for (var number = 0; number < Many; number++)
        {
            var next = ahead.Next();
            Assert.Equal(($"{number}", $"{number}"), (next?.Source.Path, next?.Read?.Manifest.JobId));
        }

        Assert.Null(ahead.Next());
    }

    [Fact]
    public void What_goes_wrong_while_they_are_listed_comes_after_those_that_were_found()
    {
        using var ahead = new ManifestsAhead(ThenFails(Sources(3)), Read, CancellationToken.None);
        for (var number = 0; number < 3; number++) Assert.NotNull(ahead.Next());
        Assert.Throws<InvalidDataException>(() => ahead.Next());
    }

    [Fact]
    public void Nobody_who_stops_asking_waits_for_manifests_that_are_left()
    {
        var listed = 0;
        using (var ahead = new ManifestsAhead(Sources(int.MaxValue).Select(source => (listed++, source).source), Read, CancellationToken.None))
            Assert.NotNull(ahead.Next());
        Assert.InRange(listed, 1, Many);
    }

    [Fact]
    public void One_that_took_much_memory_is_not_followed_before_its_turn()
    {
        var (read, taken, lead) = (0, 0, 0);
        using var ahead = new ManifestsAhead(Sources(Many), ReadMuch, CancellationToken.None);
        while (ahead.Next() is not null) Interlocked.Increment(ref taken);
        Assert.Equal((Many, Many), (read, taken));

        // The one that was handed out a moment ago may not be counted yet.
        Assert.InRange(lead, 1, 2);

        ManifestRead ReadMuch(ManifestSource source, CancellationToken cancellationToken)
        {
            lead = Math.Max(lead, Interlocked.Increment(ref read) - Volatile.Read(ref taken));
            return ReadOf(source, bytes: 1L << 30);
        }
    }

    [Fact]
    public void A_run_that_is_stopped_gets_no_more_of_them()
    {
        using var stop = new CancellationTokenSource();
        using var ahead = new ManifestsAhead(Sources(int.MaxValue), Read, stop.Token);
        Assert.NotNull(ahead.Next());
        stop.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => ahead.Next());
    }

    [Fact]
    public async Task A_source_that_changed_while_its_manifest_waited_is_copied_as_it_is_at_its_turn()
    {
        var time = new ManualTime();
        using var world = new SyncWorld { Time = time };
        world.Job("job_1").Add("a.m4a", "audio", content: "first"u8.ToArray()).Write();
        world.Job("job_2").Add("b.m4a", "audio", content: "before"u8.ToArray()).Write();
        Assert.Equal(2, (await world.SyncAsync()).Committed);
        await File.WriteAllTextAsync(Path.Combine(world.Outputs, "job_1", "a.m4a"), "changed");
        var request = new SyncRequest
        {
            Approve = (item, _) =>
            {
                // Job 2 was read long ago by now.
                if (item.JobId == "job_1") File.WriteAllText(Path.Combine(world.Outputs, "job_2", "b.m4a"), "and after it");
                time.Advance(TimeSpan.FromMinutes(1));
                return ValueTask.FromResult(true);
            },
        };
        Assert.Equal(2, (await world.SyncAsync(request)).Committed);
        Assert.Equal("and after it", await File.ReadAllTextAsync(Path.Combine(world.Nas, "job_2", "b.m4a")));
    }

    private static IEnumerable<ManifestSource> Sources(int count) => Enumerable.Range(0, count).Select(number => new ManifestSource($"{number}"));

    private static IEnumerable<ManifestSource> ThenFails(IEnumerable<ManifestSource> sources)
    {
        foreach (var source in sources) yield return source;
        throw new InvalidDataException("the folder went away");
    }

    private static ManifestRead Read(ManifestSource source, CancellationToken cancellationToken) => ReadOf(source, bytes: 1);

    private static ManifestRead ReadOf(ManifestSource source, long bytes) => new(InMemory.Manifest(source.Path), [], null, 0, bytes);
}
