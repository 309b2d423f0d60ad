using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NasSync.Config;
using NasSync.Ledgers;
using NasSync.Transfers;
using NasSync.Watching;

namespace NasSync.Unattended;

/// <summary>What a watcher has seen of its outputs folder.</summary>
/// <param name="IsThere">False while the folder is missing or not mounted.</param>
/// <param name="Scans">The number of scans of the whole folder.</param>
/// <param name="Overflows">How often the system dropped changes; a scan followed each time.</param>
public sealed record WatchState(bool IsThere, long Scans, long Overflows);

/// <summary>
/// Watches the outputs folder and syncs each new job until it is stopped. The daemon and <c>Start-SyncWatcher</c> run it.
/// </summary>
/// <param name="config">The configuration, complete and checked.</param>
/// <param name="time">The clock; null is the system's.</param>
public sealed class SyncWatch(SyncConfig config, TimeProvider? time = null)
{
    private const int EventsAhead = 1024;
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly ManifestFeed _feed = new(time ?? TimeProvider.System);
    private readonly Channel<TransferEvent> _events = Channel.CreateBounded<TransferEvent>(EventsAhead);
    private volatile OutputsWatcher? _watcher;

    /// <summary>
    /// The time after a stop in which running copies may finish. Then they are cancelled; the next run resumes them if the destination supports that.
    /// </summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc cref="SyncRequest.WaitForLock"/>
    public TimeSpan WaitForLock { get; init; }

    /// <summary>The number of manifests that are queued or being processed. Safe to read from any thread.</summary>
    public int Depth => _feed.Depth;

    /// <summary>The state of the outputs folder's watcher so far. Safe to read from any thread.</summary>
    public WatchState State => _watcher?.Figures is { } seen ? new WatchState(seen.IsThere, seen.Scans, seen.Overflows) : new WatchState(false, 0, 0);

    /// <inheritdoc cref="SyncEngine.Log"/>
    public ILogger Log { get; init; } = NullLogger.Instance;

    /// <inheritdoc cref="SyncEngine.Through"/>
    public Func<IAsyncEnumerable<TransferEvent>, Ledger, CancellationToken, IAsyncEnumerable<TransferEvent>>? Through { get; init; }

    /// <summary>Called from any thread after each turn of the loop, that is, when a manifest was taken or a wait for one ended.</summary>
    public Action? Turned
    {
        init => _feed.Turned = value;
    }

    /// <summary>Completes when the watcher holds the work folder and takes jobs; never completes if it cannot begin.</summary>
    public Task Began => _feed.Asked;

    /// <summary>Creates the engine; tests inject faults here.</summary>
    internal Func<SyncEngine>? Engine { get; init; }

    /// <summary>
    /// Runs until it is stopped; call it once. The events are those of <see cref="SyncEngine.RunAsync"/>, with a
    /// <see cref="TransferEvent.JobFinished"/> for each manifest; the last one is <see cref="TransferEvent.Finished"/>. A reader that stops
    /// early stops the watcher without <see cref="Grace"/>.
    /// </summary>
    /// <param name="cancellationToken">Stops it: nothing new begins, and running copies have <see cref="Grace"/> to finish.</param>
    /// <exception cref="FailureException">It cannot begin: the configuration names no outputs folder, another run holds the work folder, or the
    /// ledger cannot be used.</exception>
    public async IAsyncEnumerable<TransferEvent> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var outputs = config.OutputsDir ?? throw new FailureException(new Failure(
            FailureClass.Config,
            ManifestSource.OutputsUnsetCode,
            "The configuration names no outputs folder, so there is nothing to watch.",
            "Set nasSync.outputsDir or OUTPUTS_DIR."));
        var events = EventStream.OfAsync(_events.Reader, now => ExecuteAsync(outputs, cancellationToken, now), CancellationToken.None);
        await foreach (var happened in events.ConfigureAwait(false)) yield return happened;
    }

    private async Task ExecuteAsync(string outputs, CancellationToken stop, CancellationToken now)
    {
        Exception? error = null;
        using var breakOff = CancellationTokenSource.CreateLinkedTokenSource(now);
        var grace = _time.CreateTimer(_ => breakOff.Cancel(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        // Disposing waits for a running callback of the timer, which uses the token source above.
        await using var graceEnds = grace.ConfigureAwait(false);
        using var stopping = stop.Register(() =>
        {
            _feed.End();
            grace.Change(Grace, Timeout.InfiniteTimeSpan);
        });
        var watcher = _watcher = OutputsWatcher.Start(outputs, config.PollInterval, _time, _feed, log: Log);
        var telling = TellAsync(watcher);
        try
        {
            var engine = Engine?.Invoke() ?? new SyncEngine(config, _time) { Through = Through, Log = Log };
            var request = new SyncRequest { Feed = _feed, WaitForLock = WaitForLock, StopBeginning = stop };
            await foreach (var happened in engine.RunAsync(request, breakOff.Token).ConfigureAwait(false))
                await _events.Writer.WriteAsync(happened, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            error = e;
        }

        try
        {
            await watcher.DisposeAsync().ConfigureAwait(false);
            await telling.ConfigureAwait(false);
            if (watcher.Ended.IsCompleted) await watcher.Ended.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            error ??= e;
        }

        _events.Writer.Complete(error);
    }

    private async Task TellAsync(OutputsWatcher watcher)
    {
        await foreach (var notice in watcher.Notices.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            await _events.Writer.WriteAsync(new TransferEvent.Warned(notice), CancellationToken.None).ConfigureAwait(false);
    }
}
