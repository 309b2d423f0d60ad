using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using NasSync.Config;
using NasSync.Destinations;
using NasSync.Failures;
using NasSync.Files;
using NasSync.Ledgers;
using NasSync.Planning;

namespace NasSync.Transfers;

/// <summary>Executes one run, from its first manifest to its last event.</summary>
internal sealed class SyncRun : IAsyncDisposable, IPlannedWork
{
    private const int EventsAhead = 512;

    // The most events that are handed over at once.
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
    private readonly SecondLook _look;
    private readonly Recorder _recorder;
    private readonly Channel<IReadOnlyList<TransferEvent>> _events = Channel.CreateBounded<IReadOnlyList<TransferEvent>>(EventsAhead);
    private readonly bool _refuseHardLinks;
    private volatile bool _hasFailed;
    private readonly ILogger _log;

    // Null when job folders are kept, and in a dry run.
    private readonly FinishedJobs? _finished;

    // The same, but also set in a dry run, to predict what would happen.
    private readonly FinishedJobs? _foreseen;

    // Null when the run ends by itself, since its last event has the totals.
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
        _look = new SecondLook(LookAsync, time);
        _recorder = new Recorder(ledger, unrecorded, NextRun, time, Emit, _look, FinishedSources.Of(config))
        {
            Jobs = _finished,
            WaitForRoom = request.Feed is null ? null : config.PollInterval,
        };
        _dispatcher = new Dispatcher(_lanes, _threads, _retries, unrecorded, patience, time, Emit, Take)
        {
            RefuseHardLinks = _refuseHardLinks,
            StopBeginning = request.StopBeginning,
        };
    }

    /// <summary>The free bytes in the work folder below which no new work starts.</summary>
    public required long LeastFree { get; init; }

    /// <summary>Returns the file system of the outputs folder; null asks the system.</summary>
    public OutputsPlace.Identify? Identify { get; init; }

    /// <summary>The events, as they happen. They must be read to the end, otherwise the run waits.</summary>
    public ChannelReader<IReadOnlyList<TransferEvent>> Events => _events.Reader;

    /// <summary>
    /// The stages of an artifact. Each line below runs on separate threads, so that planning, copying and recording overlap. Each queue is bounded,
    /// so that a slow stage slows down the ones before it and memory stays flat.
    /// <code>
    ///   one thread    Watch → Parse → Route
    ///                                   ↓ manifests
    ///   this task                     Plan → Settle
    ///                                          ↓ items of one artifact
    ///   N threads for each destination             Transfer → Verify → Commit
    ///                                                                    ↓ outcomes
    ///   one thread                                                    Record → Release
    /// </code>
    /// A crash loses nothing: the next run plans again from the ledger, and resumes or adopts what it finds at the destinations.
    /// </summary>
    /// <param name="cancellationToken">Stops the run: blocks in flight are discarded, commits in progress are completed and recorded.</param>
    public async Task ExecuteAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteStagesAsync(cancellationToken).ConfigureAwait(false);
            _events.Writer.Complete();
        }
        catch (Exception e)
        {
            // An error in NasSync: the reader of the events must get it instead of waiting forever.
            _events.Writer.Complete(e);
        }
    }

    private async Task ExecuteStagesAsync(CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var stopPlanning = CancellationTokenSource.CreateLinkedTokenSource(stop.Token, _request.StopBeginning);
        _world.Stop = stopPlanning.Token;
        var record = Dedicated(() => _recorder.Run(stop));
        var (isWhole, wasPlanned, wasCutShort) = (false, false, false);
        try
        {
            using var plan = new PlanStage(_config, _request, _ledger, _unrecorded, _lanes, _world, _time, this)
            {
                LeastFree = LeastFree,
                Identify = Identify,
                Log = _log,
                Finished = _foreseen,
                Look = _look,
                NewRoots = new NewRoots(_config, _lanes, _threads, isEndless: _request.Feed is not null, Emit, stopPlanning.Token),
            };
            await (_request.Feed is { } feed ? plan.FollowAsync(feed, _jobs!, stop.Token) : plan.PlanAllAsync(stop.Token)).ConfigureAwait(false);
            wasPlanned = true;
            isWhole = plan.IsWhole && _request is { DryRun: false, Repair: null, Feed: null, Failures.Count: 0, Only.Count: 0 };
        }
        catch (OperationCanceledException)
        {
            // Stop requested; running work ends below.
            wasCutShort = _request.StopBeginning.IsCancellationRequested;
        }
        catch (Exception e)
        {
            var place = _request.Paths.Count > 0 ? string.Join(", ", _request.Paths) : _config.OutputsDir ?? "outputs";
            Emit(new TransferEvent.Failed(place, SystemFailure.FromException(e, "list", place)));
        }

        await _dispatcher.NoneAsync().ConfigureAwait(false);
        _recorder.Complete();
        await record.ConfigureAwait(false);
        if (wasPlanned && !stop.IsCancellationRequested && _finished is not null) await _finished.ClearAsync(_look, stop.Token).ConfigureAwait(false);
        var result = _tally.Finish(
            _time.GetElapsedTime(started), cancellationToken.IsCancellationRequested || wasCutShort || _dispatcher.HasLeftSome);
        if (isWhole && !stop.IsCancellationRequested)
        {
            _ledger.FinishRebuilding();
            if (!HasFailed && IsOverAll()) _ledger.LookedAgain();
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

    // A source may be released only if all of its items allow it, including those that this run does not cover.
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

        // A repair removes no source: its release was decided at the first copy.
        if (_request.Repair is null) _recorder.Expect(artifact);
        var approved = new List<PlanItem>();
        foreach (var item in toCarry)
            if (_request.Approve is not { } ask || await ask(item, cancellationToken).ConfigureAwait(false)) approved.Add(item);
        if (approved.Count > 0) _request.StopBeginning.ThrowIfCancellationRequested();
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

        // Events are handed over in batches, because waking the reader for each would cost more than all other work for it.
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

    // Emits the events of items that need no copying.
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

    // A job that its producer changed or removed meanwhile is no failure: the next run reads the new state.
    private void Take(Outcome outcome)
    {
        if (outcome.Failure?.Code == Failure.TargetChanged) _world.IsStale = true;
        if (outcome.Failure?.Code is SourceFile.GoneCode or SourceFolder.JobGoneCode or GoneSource.UnprovenCode or GoneSource.LostCode
            && _generations.IsSuperseded(outcome.Item.Manifest))
        {
            _recorder.Leave(outcome.Item);
            Emit(new TransferEvent.Skipped(outcome.Item with { Reason = "its manifest was rewritten or removed meanwhile" }, SkipKind.Superseded));
        }
        else
        {
            _recorder.Add(outcome);
        }
    }

    /// <inheritdoc/>
    public bool HasFailed => _hasFailed;

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
        if (transferEvent is TransferEvent.Failed { Failure.Code: not GoneSource.LostCode }) _hasFailed = true;
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

    // Copied and adopted items are not noted here; the recorder notes them after their source was released.
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

        // A progress event is dropped when the channel is full, because it is worthless if late.
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

    private Task<FileState?> LookAsync(Target target, CancellationToken cancellationToken) =>
        _lanes.Of(target).AskAsync(place => place.StatAsync(target.RelativePath, cancellationToken).AsTask(), _threads);

    private static Task Dedicated(Action loop) =>
        Task.Factory.StartNew(loop, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
