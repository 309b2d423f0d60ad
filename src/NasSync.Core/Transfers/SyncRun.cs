using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using NasSync.Config;
using NasSync.Destinations;
using NasSync.Failures;
using NasSync.Files;
using NasSync.Ledgers;
using NasSync.Planning;

namespace NasSync.Transfers;

/// <summary>One run from its first manifest to its last event.</summary>
internal sealed class SyncRun : IAsyncDisposable, IPlannedWork
{
    private const int EventsAhead = 512;

    // So many at most are handed over at a time.
    private const int EventsAtOnce = 64;
    private readonly SyncConfig _config;
    private readonly SyncRequest _request;
    private readonly TimeProvider _time;
    private readonly Ledger _ledger;
    private readonly UnrecordedCopies _unrecorded;
    private readonly Lanes _lanes;
    private readonly WorkerThreads _threads = new();
    private readonly Observations _world;
    private readonly Dispatcher _dispatcher;
    private readonly ManifestGenerations _generations = new();
    private readonly Retries _retries;
    private readonly RunTally _tally;
    private readonly Recorder _recorder;
    private readonly Channel<IReadOnlyList<TransferEvent>> _events = Channel.CreateBounded<IReadOnlyList<TransferEvent>>(EventsAhead);
    private readonly bool _refuseHardLinks;
    private readonly ILogger _log;

    // Null where no job's folder is cleared away, and where the run only says what it would do.
    private readonly FinishedJobs? _finished;

    // The same, also where the run only says what it would do.
    private readonly FinishedJobs? _foreseen;

    // Null where the run ends by itself: its last event says it all.
    private readonly JobTallies? _jobs;

    public SyncRun(
        SyncConfig config,
        DestinationFactory factory,
        SyncRequest request,
        Ledger ledger,
        UnrecordedCopies unrecorded,
        Patience patience,
        TimeProvider time)
    {
        (_config, _request, _ledger, _unrecorded, _time) = (config, request, ledger, unrecorded, time);
        _log = factory.Log;
        _refuseHardLinks = request.RefuseHardLinks || config.RefuseHardLinks;
        _lanes = new Lanes(config, factory, OpenFiles.CopiesThatFit(request.Transfers ?? config.Transfers), patience, time);
        _world = new Observations(_lanes, ledger, unrecorded, _threads) { RefuseHardLinks = _refuseHardLinks, Finished = FinishedSources.Of(config) };
        _retries = new Retries(config.Retry);
        _tally = new RunTally(request.DryRun);
        _jobs = request.Feed is null ? null : new JobTallies(time);
        _foreseen = FinishedJobs.Of(config, request, ledger, time, Emit);
        _finished = request.DryRun ? null : _foreseen;
        _recorder = new Recorder(ledger, unrecorded, NextRun, time, Emit, FinishedSources.Of(config))
        {
            Done = _finished is null ? null : _finished.Done,
            WaitForRoom = request.Feed is null ? null : config.PollInterval,
        };
        _dispatcher = new Dispatcher(_lanes, _threads, _retries, unrecorded, patience, time, Emit, Take) { RefuseHardLinks = _refuseHardLinks };
    }

    /// <summary>The free space in the work folder below which no new work is taken.</summary>
    public required long LeastFree { get; init; }

    /// <summary>Says where the outputs folder lies; null: the system is asked.</summary>
    public OutputsPlace.Identify? Identify { get; init; }

    /// <summary>What happens, as it happens; it must be read to its end, or the run waits.</summary>
    public ChannelReader<IReadOnlyList<TransferEvent>> Events => _events.Reader;

    /// <summary>
    /// The way of an artifact. Each line runs on threads of its own, so that planning, copying and recording overlap; each queue is bounded, so
    /// that a slow stage slows the ones before it and memory stays flat.
    /// <code>
    ///   one thread    Watch → Parse → Route
    ///                                   ↓ manifests
    ///   this task                     Plan → Settle
    ///                                          ↓ items of one artifact
    ///   N threads for each destination             Transfer → Verify → Commit
    ///                                                                    ↓ outcomes
    ///   one thread                                                    Record → Release
    /// </code>
    /// A crash loses nothing: the next run plans again from what the ledger proves, and takes up what it finds at the destinations.
    /// </summary>
    /// <param name="cancellationToken">Stops the run: blocks under way are discarded, commits under way are finished and recorded.</param>
    public async Task ExecuteAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteStagesAsync(cancellationToken).ConfigureAwait(false);
            _events.Writer.Complete();
        }
        catch (Exception e)
        {
            // An error of ours: whoever reads the events must learn of it, not wait for ever.
            _events.Writer.Complete(e);
        }
    }

    private async Task ExecuteStagesAsync(CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var record = Dedicated(() => _recorder.Run(stop));
        var (isWhole, wasPlanned) = (false, false);
        try
        {
            using var plan = new PlanStage(_config, _request, _ledger, _unrecorded, _lanes, _world, _time, this)
            {
                LeastFree = LeastFree,
                Identify = Identify,
                Log = _log,
                Finished = _foreseen,
                NewRoots = new NewRoots(_config, _lanes, _threads, isEndless: _request.Feed is not null, Emit),
            };
            await (_request.Feed is { } feed ? plan.FollowAsync(feed, _jobs!, stop.Token) : plan.PlanAllAsync(stop.Token)).ConfigureAwait(false);
            wasPlanned = true;
            isWhole = plan.IsWhole && _request is { DryRun: false, Repair: null, Feed: null, Failures.Count: 0, Only.Count: 0 };
        }
        catch (OperationCanceledException)
        {
            // Asked to stop: what is under way ends below.
        }
        catch (Exception e)
        {
            var place = _request.Paths.Count > 0 ? string.Join(", ", _request.Paths) : _config.OutputsDir ?? "outputs";
            Emit(new TransferEvent.Failed(place, SystemFailure.FromException(e, "list", place)));
        }

        await _dispatcher.NoneAsync().ConfigureAwait(false);
        _recorder.Complete();
        await record.ConfigureAwait(false);
        if (wasPlanned && !stop.IsCancellationRequested) _finished?.Clear();
        var result = _tally.Finish(_time.GetElapsedTime(started), cancellationToken.IsCancellationRequested);
        if (isWhole && !stop.IsCancellationRequested)
        {
            _ledger.FinishRebuilding();
            if (result.Failed == 0 && IsOverAll()) _ledger.LookedAgain();
        }

        Emit(new TransferEvent.Finished(result));
    }

    private bool IsOverAll()
    {
        if (_request is not { Manifests.Count: 0, Decisions.Count: 0 }) return false;
        if (_request.Paths.Count == 0 || _config.OutputsDir is not { } outputs) return true;
        return _request.Paths.Any(path => FullFolder(path) == FullFolder(outputs));

        static string FullFolder(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _threads.MayBeLost = _lanes.AnyHangs;
        _threads.Dispose();
        await _lanes.DisposeAsync().ConfigureAwait(false);
    }

    // Whether a source may be released depends on all of its items, also on those that this run is not about.
    /// <inheritdoc/>
    public async Task DispatchAsync(IReadOnlyList<PlanItem> artifact, Func<PlanItem, bool> isAbout, CancellationToken cancellationToken)
    {
        var toCarry = new List<PlanItem>();
        foreach (var item in artifact)
        {
            if (!isAbout(item)) continue;
            TransferLog.Decided(_log, item);
            TellDecided(item);
            if (item.Action is PlanAction.Copy or PlanAction.Adopt) toCarry.Add(item);
        }

        if (_request.DryRun) return;

        // What is repaired was released, or not, when it was copied first; no repair removes a source.
        if (_request.Repair is null) _recorder.Expect(artifact);
        var approved = new List<PlanItem>();
        foreach (var item in toCarry)
            if (_request.Approve is not { } ask || await ask(item, cancellationToken).ConfigureAwait(false)) approved.Add(item);
        await _dispatcher.StartAsync(approved, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void TellUnchanged(TransferEvent.Planned planned, IReadOnlyList<PlanItem> items, Func<PlanItem, bool> isAbout)
    {
        if (_log.IsEnabled(Microsoft.Extensions.Logging.LogLevel.Debug))
            foreach (var item in items.Where(isAbout)) TransferLog.Decided(_log, item);
        if (_jobs is not null)
        {
            Emit(planned);
            foreach (var item in items)
                if (isAbout(item)) TellDecided(item);
            return;
        }

        if (_finished is not null)
        {
            _finished.Begin(planned.Manifest, items);
            foreach (var item in items) _finished.Done(item);
        }

        // To wake the reader for each would cost more than all else that is done about them.
        var several = new List<TransferEvent>(Math.Min(items.Count + 1, EventsAtOnce));
        Add(planned);
        foreach (var item in items)
            if (isAbout(item)) Add(new TransferEvent.Skipped(item, SkipKind.Unchanged));
        if (several.Count > 0) Write(several);

        void Add(TransferEvent transferEvent)
        {
            _tally.Count(transferEvent);
            several.Add(transferEvent);
            if (several.Count < EventsAtOnce) return;
            Write(several);
            several = new List<TransferEvent>(EventsAtOnce);
        }
    }

    // What the plan alone decides has its event at once.
    private void TellDecided(PlanItem item)
    {
        switch (item.Action)
        {
            case PlanAction.Unchanged:
                Emit(new TransferEvent.Skipped(item, SkipKind.Unchanged));
                break;
            case PlanAction.Skip:
                Emit(new TransferEvent.Skipped(item, item.Target is null ? SkipKind.Unrouted : SkipKind.Conflict));
                break;
            case PlanAction.Refuse when _request.DryRun:
                Emit(new TransferEvent.Failed(Recorder.SubjectOf(item), item.Failure!, item));
                break;
            case PlanAction.Refuse:
                Take(new Outcome(item, null, item.Failure, TimeSpan.Zero));
                break;
        }
    }

    // What a producer took back is nobody's failure: the next run reads what there is by then.
    private void Take(Outcome outcome)
    {
        if (outcome.Failure?.Code == Failure.TargetChanged) _world.IsStale = true;
        if (outcome.Failure?.Code is SourceFile.GoneCode or SourceFolder.JobGoneCode or GoneSource.UnprovenCode or GoneSource.LostCode
            && _generations.IsSuperseded(outcome.Item.Manifest))
        {
            _recorder.Leave(outcome.Item);
            Emit(new TransferEvent.Skipped(outcome.Item with { Reason = "its manifest was written anew or removed meanwhile" }, SkipKind.Superseded));
        }
        else
        {
            _recorder.Add(outcome);
        }
    }

    /// <inheritdoc/>
    public bool HasFailed => _tally.Finish(TimeSpan.Zero, stopped: false).Failed > 0;

    /// <inheritdoc/>
    public void FailManifest(string path, Failure failure)
    {
        if (_request.DryRun) Emit(new TransferEvent.Failed(path, failure));
        else _recorder.AddManifestFailure(path, failure);
    }

    /// <inheritdoc/>
    public void Emit(TransferEvent transferEvent)
    {
        Log(transferEvent);
        _tally.Count(transferEvent);
        if (_finished is not null) Note(transferEvent, _finished);
        Write(transferEvent);
        if (_jobs?.Count(transferEvent) is not { Event: var job, Again: var again }) return;
        Write(job);
        _request.Feed!.Done(job.ManifestPath, again);
    }

    private void Log(TransferEvent happened)
    {
        if (happened is TransferEvent.Retrying { Item.Target: { } target } retrying)
            TransferLog.Retrying(_log, target.Display, retrying.Delay.TotalSeconds, retrying.Failure.Message, retrying.Failure.Code);
        else if (happened is TransferEvent.Released released)
            TransferLog.Released(_log, released.Artifact.Path, released.Manifest.JobId);
    }

    // What was copied or found there is noted by who records it, after its source was released.
    private static void Note(TransferEvent happened, FinishedJobs finished)
    {
        switch (happened)
        {
            case TransferEvent.Planned planned:
                finished.Begin(planned.Manifest, planned.Plan.Items);
                break;
            case TransferEvent.Skipped { Kind: SkipKind.Unchanged, Item: var item }:
                finished.Done(item);
                break;
            case TransferEvent.Skipped { Kind: not SkipKind.AlreadyPresent, Item: var item }:
                finished.Spoil(item.Manifest.Path);
                break;
            case TransferEvent.Failed failed:
                finished.Spoil(failed.Item?.Manifest.Path ?? failed.Subject);
                break;
        }
    }

    private void Write(TransferEvent transferEvent)
    {
        TransferEvent[] one = [transferEvent];

        // Progress is worth nothing late.
        if (transferEvent is TransferEvent.Progress) _events.Writer.TryWrite(one);
        else Write(one);
    }

    private void Write(IReadOnlyList<TransferEvent> several)
    {
        if (!_events.Writer.TryWrite(several)) _events.Writer.WriteAsync(several).AsTask().GetAwaiter().GetResult();
    }

    private DateTimeOffset? NextRun(RecordedFailure failure)
    {
        var at = _retries.NextRun(failure);
        if (at is { } time && failure.ManifestPath is { } manifest) _jobs?.TryAgainAt(manifest, time);
        return at;
    }

    private static Task Dedicated(Action loop) =>
        Task.Factory.StartNew(loop, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
