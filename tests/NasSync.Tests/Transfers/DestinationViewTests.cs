using NasSync.Config;
using NasSync.Destinations;
using NasSync.Destinations.Pipeline;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

/// <summary>How a server is asked what stands there.</summary>
public sealed class DestinationViewTests
{
    [Fact]
    public async Task Several_files_of_a_folder_that_are_foreseen_cost_one_listing()
    {
        await using var world = new World();
        world.View.Foresee([Of("job/a"), Of("job/b"), Of("job/c")]);
        foreach (var name in (string[])["a", "b", "c"]) Assert.Null(world.View.Stat(Of($"job/{name}")));
        Assert.Equal((1, 0), (world.Place.Count(DestinationCall.List), world.Place.Count(DestinationCall.Stat)));
    }

    [Fact]
    public async Task A_file_that_is_foreseen_alone_is_looked_at_once_and_the_next_of_its_folder_needs_a_listing()
    {
        await using var world = new World();
        world.View.Foresee([Of("job/a")]);
        Assert.Null(world.View.Stat(Of("job/a")));
        Assert.Equal((0, 1), (world.Place.Count(DestinationCall.List), world.Place.Count(DestinationCall.Stat)));
        world.View.Foresee([Of("job/b")]);
        Assert.Null(world.View.Stat(Of("job/b")));
        Assert.Equal((1, 1), (world.Place.Count(DestinationCall.List), world.Place.Count(DestinationCall.Stat)));
    }

    [Fact]
    public async Task What_a_listing_shows_is_looked_at_when_it_is_asked_for()
    {
        await using var world = new World();
        await world.PutAsync("job/b");
        world.View.Foresee([Of("job/a"), Of("job/b")]);
        Assert.Equal((null, 1L), (world.View.Stat(Of("job/a")), world.View.Stat(Of("job/b"))?.Size));
        Assert.Equal((1, 1), (world.Place.Count(DestinationCall.List), world.Place.Count(DestinationCall.Stat)));
    }

    [Fact]
    public async Task An_answer_that_failed_is_told_to_one_and_asked_for_anew_by_the_next()
    {
        await using var world = new World();
        world.Place.Fail(DestinationCall.List, FailureClass.Transient);
        world.View.Foresee([Of("job/a"), Of("job/b")]);
        Assert.Equal("Injected", Assert.Throws<FailureException>(() => world.View.Stat(Of("job/a"))).Failure.Code);
        Assert.Null(world.View.Stat(Of("job/b")));
    }

    [Fact]
    public async Task Nothing_is_foreseen_where_a_question_costs_no_round_trip()
    {
        await using var world = new World(isRemote: false);
        world.View.Foresee([Of("job/a"), Of("job/b")]);
        Assert.Equal((0, 0), (world.Place.Count(DestinationCall.List), world.Place.Count(DestinationCall.Stat)));
    }

    [Fact]
    public async Task Servers_are_asked_about_several_new_jobs_at_a_time_and_about_known_ones_not_at_all()
    {
        using var world = new SyncWorld();
        world.Config = world.Config with
        {
            Destinations = new Dictionary<string, DestinationConfig>(StringComparer.OrdinalIgnoreCase)
            {
                ["studio"] = new LocalDestinationConfig { Name = "studio", Root = world.Nas },
            },
        };
        world.Route = new Route { Number = 1, To = ["studio:${jobId}"] };
        for (var job = 1; job <= 3; job++) world.Job($"job_{job}").Add("a.m4a", "audio").Add("b.m4a", "audio").Write();
        var memory = new MemoryDestination(TimeProvider.System);
        var together = new AnsweredTogether(memory, 3);
        world.Wrap = (_, _) => together;
        Assert.Equal(6, (await world.SyncAsync().WaitAsync(Wait.Longest)).Committed);
        var asked = together.Listings;

        // An answer for which three are waited for would never come.
        Assert.Equal(6, (await world.SyncAsync().WaitAsync(Wait.Longest)).Unchanged);
        Assert.Equal(asked, together.Listings);
    }

    private static RelativePath Of(string path) => RelativePath.Parse(path);

    private sealed class World : IAsyncDisposable
    {
        private readonly WorkerThreads _threads = new();
        private readonly MemoryDestination _memory = new(TimeProvider.System);
        private readonly Lane _lane;

        public World(bool isRemote = true)
        {
            Place = new FaultyDestination(_memory);
            _lane = new Lane(Place, new HangWatch("nas", TimeSpan.FromMinutes(1), new ManualTime()), isRemote, 1);
            View = new DestinationView(_lane, _threads);
        }

        public FaultyDestination Place { get; }

        public DestinationView View { get; }

        public async Task PutAsync(string path)
        {
            await using var session = await _memory.BeginWriteAsync(
                new WriteRequest { Path = Of(path), Size = 1, MtimeNs = 1, Fingerprint = "f", Verify = VerifyLevel.Size }, default);
            await session.WriteAsync(0, new byte[1], default);
            await session.CommitAsync(null, default);
        }

        public async ValueTask DisposeAsync()
        {
            View.Dispose();
            await _lane.DisposeAsync();
            _threads.Dispose();
        }
    }

    /// <summary>Answers the first listings only when so many have been asked for.</summary>
    private sealed class AnsweredTogether(IDestination inner, int atOnce) : DestinationDecorator(inner)
    {
        private readonly TaskCompletionSource _enough = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _listings;

        public int Listings => Volatile.Read(ref _listings);

        protected override async ValueTask<T> Around<T>(DestinationCall operation, Func<ValueTask<T>> call, CancellationToken cancellationToken)
        {
            if (operation != DestinationCall.List) return await call();
            if (Interlocked.Increment(ref _listings) >= atOnce) _enough.TrySetResult();
            await _enough.Task;
            return await call();
        }
    }
}
