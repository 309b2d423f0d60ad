using NasSync.Destinations;
using NasSync.Transfers;
using NasSync.Watching;

namespace NasSync.Tests.Support;

/// <summary>Runs the engine on a queue, in the background of a test. The test offers manifests and waits for the resulting events.</summary>
internal sealed class EndlessRun : IAsyncDisposable
{
    private readonly object _gate = new();
    private readonly List<TransferEvent> _events = [];
    private readonly Task _run;
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Begins a run over a world.</summary>
    /// <param name="world">Its folders and settings.</param>
    /// <param name="wrap">Wraps every destination.</param>
    public EndlessRun(SyncWorld world, Func<Target, IDestination, IDestination>? wrap = null)
    {
        Queue = new ManifestFeed(world.Time ?? TimeProvider.System);
        Queue.HasAll();
        if (wrap is not null) world.Wrap = wrap;
        _run = ReadAsync(world.Engine().RunAsync(new SyncRequest { Feed = Queue }));
    }

    public ManifestFeed Queue { get; }

    /// <summary>All events so far.</summary>
    public IReadOnlyList<TransferEvent> Events
    {
        get
        {
            lock (_gate) return [.. _events];
        }
    }

    /// <summary>Offers a manifest and waits until all of it is done.</summary>
    public async Task<TransferEvent.JobFinished> SyncAsync(string manifest)
    {
        var before = Events.Count;
        Queue.Offer(manifest);
        return await UntilAsync<TransferEvent.JobFinished>(one => one.ManifestPath == manifest, before);
    }

    /// <summary>Waits for an event, ignoring the first <paramref name="from"/>; one that has already happened counts.</summary>
    public async Task<T> UntilAsync<T>(Func<T, bool>? fits = null, int from = 0) where T : TransferEvent
    {
        while (true)
        {
            Task more;
            lock (_gate)
            {
                if (_events.Skip(from).OfType<T>().FirstOrDefault(one => fits?.Invoke(one) != false) is { } found) return found;
                more = _more.Task;
            }

            Assert.False(_run.IsCompleted, $"the run has ended without it: {string.Join(", ", Events.Select(one => one.Name))}");
            await Task.WhenAny(more, _run).WaitAsync(Wait.Longest);
        }
    }

    /// <summary>Ends the feed and waits for the run's last event.</summary>
    public async Task<SyncResult> EndAsync()
    {
        Queue.End();
        await _run.WaitAsync(Wait.Longest);
        return Assert.IsType<TransferEvent.Finished>(Events[^1]).Result;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Queue.End();
        await _run;
    }

    private async Task ReadAsync(IAsyncEnumerable<TransferEvent> events)
    {
        await foreach (var one in events)
        {
            TaskCompletionSource more;
            lock (_gate)
            {
                _events.Add(one);
                (more, _more) = (_more, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            }

            more.SetResult();
        }
    }
}
