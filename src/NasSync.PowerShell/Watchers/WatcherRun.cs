using System.Threading.Channels;
using NasSync.Config;
using NasSync.Failures;
using NasSync.Transfers;
using NasSync.Unattended;
using NasSync.Webhooks;

namespace NasSync.PowerShell.Watchers;

/// <summary>A watcher in the background of its session: updates the object that scripts hold, and keeps results until they are taken.</summary>
internal sealed class WatcherRun : IDisposable
{
    // Drops the oldest results if no one reads them, so that they cannot fill the memory.
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
    private readonly DebugLog _log;

    /// <summary>Starts to watch.</summary>
    public WatcherRun(int id, SyncConfig config, TimeSpan waitForLock)
    {
        Watcher = new SyncWatcher(id, config.OutputsDir ?? "", TimeProvider.System.GetUtcNow());
        _log = DebugLog.Of(config, show: null, Note);
        _watch = new SyncWatch(config) { Through = new Courier(config).TeeAsync, WaitForLock = waitForLock, Log = _log };
        Ended = Task.Run(() => RunAsync(config));
    }

    /// <summary>The object that scripts hold.</summary>
    public SyncWatcher Watcher { get; }

    /// <summary>Completes when the watcher has started, or has ended because it could not.</summary>
    public Task Started => Task.WhenAny(_watch.Began, Ended);

    /// <summary>Completes when the watcher has ended; never fails.</summary>
    public Task Ended { get; }

    /// <summary>Results of finished jobs that nobody has taken yet; completes with the watcher.</summary>
    public ChannelReader<SyncJobResult> Results => _results.Reader;

    /// <summary>Notices for people.</summary>
    public ChannelReader<Notice> Notices => _notices.Reader;

    /// <summary>Requests the end: running work is finished, or cancelled after ten seconds.</summary>
    public void Stop()
    {
        if (Watcher.State == SyncWatcherState.Running) Watcher.Become(SyncWatcherState.Stopping);
        _stop.Cancel();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Dispose();
        _log.Dispose();
    }

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
