using System.Threading.Channels;
using NasSync.Config;
using NasSync.Failures;
using NasSync.Transfers;
using NasSync.Unattended;
using NasSync.Webhooks;

namespace NasSync.PowerShell.Watchers;

/// <summary>A watcher's work, beside its session: it counts into the object that scripts hold, and keeps results until someone takes them.</summary>
internal sealed class WatcherRun : IDisposable
{
    // What nobody takes must not fill memory: the oldest go.
    private const int MostResults = 10_000;
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<SyncJobResult> _results = Channel.CreateBounded<SyncJobResult>(new BoundedChannelOptions(MostResults)
    {
        FullMode = BoundedChannelFullMode.DropOldest,
    });
    private readonly Channel<Notice> _notices = Channel.CreateBounded<Notice>(new BoundedChannelOptions(100)
    {
        FullMode = BoundedChannelFullMode.DropOldest,
    });
    private readonly SyncWatch _watch;

    /// <summary>Begins to watch.</summary>
    public WatcherRun(int id, SyncConfig config, TimeSpan waitForLock)
    {
        Watcher = new SyncWatcher(id, config.OutputsDir ?? "", TimeProvider.System.GetUtcNow());
        _watch = new SyncWatch(config) { Through = new Courier(config).TeeAsync, WaitForLock = waitForLock };
        Ended = Task.Run(() => RunAsync(config));
    }

    /// <summary>What scripts hold.</summary>
    public SyncWatcher Watcher { get; }

    /// <summary>Done when it has begun, or has ended because it could not.</summary>
    public Task Started => Task.WhenAny(_watch.Began, Ended);

    /// <summary>Done when it has ended; it never fails.</summary>
    public Task Ended { get; }

    /// <summary>Jobs that are done and that nobody has taken yet; it ends with the watcher.</summary>
    public ChannelReader<SyncJobResult> Results => _results.Reader;

    /// <summary>What people should know.</summary>
    public ChannelReader<Notice> Notices => _notices.Reader;

    /// <summary>Asks it to end: what is under way is finished, or broken off after ten seconds.</summary>
    public void Stop()
    {
        if (Watcher.State == SyncWatcherState.Running) Watcher.Become(SyncWatcherState.Stopping);
        _stop.Cancel();
    }

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();

    private async Task RunAsync(SyncConfig config)
    {
        Failure? failure = null;
        try
        {
            var events = EventLog.Tee(_watch.RunAsync(_stop.Token), config, Note, cancellationToken: CancellationToken.None);
            await foreach (var happened in events.ConfigureAwait(false))
            {
                if (happened is TransferEvent.Warned { Notice: var notice }) _notices.Writer.TryWrite(notice);
                if (happened is TransferEvent.Failed { Item: null } failed) failure = failed.Failure;
                if (happened is not TransferEvent.JobFinished job) continue;
                failure = null;
                var result = SyncJobResult.Of(job);
                Watcher.Count(result);
                _results.Writer.TryWrite(result);
            }

            if (!_stop.IsCancellationRequested) failure ??= CmdletFailure.Unexpected(new InvalidOperationException("The watcher ended by itself."));
        }
        catch (FailureException e)
        {
            failure = e.Failure;
        }
        catch (Exception e)
        {
            failure = CmdletFailure.Unexpected(e);
        }

        var wasStopped = _stop.IsCancellationRequested;
        Watcher.Become(
            wasStopped ? SyncWatcherState.Stopped : SyncWatcherState.Failed,
            wasStopped || failure is null ? null : HostWords.ForPowerShell(failure));
        _results.Writer.Complete();
        _notices.Writer.Complete();
    }

    private void Note(string message) => _notices.Writer.TryWrite(new Notice("LogTrouble", message, ""));
}
