using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NasSync.Config;
using NasSync.Failures;
using NasSync.Ledgers;
using NasSync.Planning;
using NasSync.Processes;
using NasSync.Routing;
using NasSync.Watching;

namespace NasSync.Transfers;

/// <summary>Receives the results of the plan stage.</summary>
internal interface IPlannedWork
{
    /// <summary>Emits an event.</summary>
    void Emit(TransferEvent transferEvent);

    /// <summary>Reports a planned manifest whose items are all unchanged, without the items that the run does not cover.</summary>
    void TellUnchanged(TransferEvent.Planned planned, IReadOnlyList<PlanItem> items, Func<PlanItem, bool> isAbout);

    /// <summary>
    /// Whether anything of the run has failed so far, apart from copies that were looked for and are lost: looking again would find nothing else.
    /// </summary>
    bool HasFailed { get; }

    /// <summary>Reports the failure of a whole manifest.</summary>
    void FailManifest(string path, Failure failure);

    /// <summary>Executes the items of one artifact that the run covers.</summary>
    Task DispatchAsync(IReadOnlyList<PlanItem> artifact, Func<PlanItem, bool> isAbout, CancellationToken cancellationToken);
}

/// <summary>
/// The first stages of a run, <c>Watch → Parse → Route → Plan → Settle</c>: one manifest after the other, from a list that ends or from a feed that
/// does not. One task runs it.
/// </summary>
internal sealed class PlanStage : IDisposable
{
    // After this much idle time, folders and connections are closed.
    private static readonly TimeSpan RestAfter = TimeSpan.FromSeconds(30);

    // The highest age at which the state of a manifest and its sources, read ahead, is still used for planning.
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(1);

    private readonly SyncConfig _config;
    private readonly SyncRequest _request;
    private readonly bool _refuseHardLinks;
    private readonly Ledger _ledger;
    private readonly Lanes _lanes;
    private readonly TimeProvider _time;
    private readonly IPlannedWork _work;
    private readonly RouteTable _routes;
    private readonly Observations _world;
    private readonly RetryScope _scope;
    private readonly Settling _settling;
    private readonly KilledRun _killed;
    private readonly RepairScope? _repair;
    private readonly Func<PlanItem, bool> _isAbout;
    private Planner _planner;
    private PastFailures _past;
    private HashSet<string> _gone = [];

    // After `destination accept`, the ledger's rows are not trusted until every copy has been checked. A run that ends by itself records this at
    // its end.
    private bool _looksAgain;

    public PlanStage(
        SyncConfig config,
        SyncRequest request,
        Ledger ledger,
        UnrecordedCopies unrecorded,
        Lanes lanes,
        Observations world,
        TimeProvider time,
        IPlannedWork work)
    {
        (_config, _request, _ledger, _lanes, _world, _time, _work) = (config, request, ledger, lanes, world, time, work);
        _refuseHardLinks = request.RefuseHardLinks || config.RefuseHardLinks;
        _routes = new RouteTable(config);
        _scope = new RetryScope(request.Failures, request.Only);
        _settling = new Settling(config, time);
        _killed = new KilledRun(unrecorded, ledger, world, work.Emit);
        _repair = request.Repair is { } lost ? new RepairScope(lost, world, work.Emit) : null;
        _isAbout = IsAbout;
        _planner = new Planner();
        _past = new PastFailures(ledger);
    }

    /// <summary>The free bytes in the work folder below which no new work starts.</summary>
    public required long LeastFree { get; init; }

    /// <summary>Returns the file system of the outputs folder; null asks the system.</summary>
    public OutputsPlace.Identify? Identify { get; init; }

    /// <summary>Receives diagnostic messages. Default: nowhere.</summary>
    public ILogger Log { get; init; } = NullLogger.Instance;

    /// <summary>Handles finished jobs; null keeps all job folders.</summary>
    public FinishedJobs? Finished { get; init; }

    /// <summary>Looks again at copies before their sources are removed.</summary>
    public required SecondLook Look { get; init; }

    /// <summary>Tells which roots the run creates.</summary>
    public required NewRoots NewRoots { get; init; }

    /// <summary>Whether all manifests of the request were planned so far.</summary>
    public bool IsWhole { get; private set; } = true;

    /// <summary>Plans everything that the request names.</summary>
    public async Task PlanAllAsync(CancellationToken cancellationToken)
    {
        if (!_request.DryRun) _killed.CatchUp(cancellationToken);
        var outputs = OutputsPlace.Of(_request, _config, _ledger, _time, Identify);
        _repair?.TellHomeless();
        if (outputs is not null && _repair is null) LeaveGone(outputs);
        if (outputs is not null && _request is { DryRun: false, Repair: null, Failures.Count: 0 }) RemoveLeft(outputs.Path);
        using var ahead = new ManifestsAhead(ManifestSource.Of(_request, _config), _request.Repair is null ? ReadAhead : null, cancellationToken);
        while (ahead.Next() is { } next)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!_request.DryRun && Full() is { } full)
            {
                IsWhole = false;
                _work.Emit(new TransferEvent.Failed(_config.WorkDir, full));
                return;
            }

            await DispatchSettledAsync(wait: false, cancellationToken).ConfigureAwait(false);
            if (_gone.Contains(next.Source.Path)) continue;
            await PlanAsync(next.Source, next.Read is { } read && IsFresh(read) ? read : null, cancellationToken).ConfigureAwait(false);
        }

        await DispatchSettledAsync(wait: true, cancellationToken).ConfigureAwait(false);
        _scope.TellUnfound(_work.Emit);
        outputs?.RequireStillThere(Identify);
    }

    /// <summary>Plans what a feed delivers, until it ends. Observations are kept until no manifest waits any more.</summary>
    public async Task FollowAsync(ManifestFeed feed, JobTallies jobs, CancellationToken cancellationToken)
    {
        var manifests = new ManifestsOfJobs(File.Exists);
        var gate = new FeedGate(feed, _config.PollInterval, _time, _work.Emit);
        _planner = new Planner(manifests);
        _killed.CatchUp(cancellationToken);
        _looksAgain = _ledger.LooksAgain;
        if (_config.OutputsDir is { } watched) RemoveLeft(watched);
        var mayBeGone = true;
        while (!feed.IsEnded)
        {
            await DispatchSettledAsync(wait: false, cancellationToken).ConfigureAwait(false);
            var wasCaughtUp = feed.IsCaughtUp;
            if (wasCaughtUp) gate.Close();
            var path = await feed.NextAsync(_settling.UntilNext ?? RestAfter, cancellationToken).ConfigureAwait(false);
            var isIdle = jobs.AreEmpty && _settling.UntilNext is null;
            if (wasCaughtUp && isIdle && path is null && !feed.IsEnded) await RestAsync(gate.IsOpen).ConfigureAwait(false);
            if (wasCaughtUp || _world.IsStale) LookAnew();
            if (Finished is not null) await Finished.ClearAsync(Look, _world.Stop).ConfigureAwait(false);
            mayBeGone |= feed.TakeForgotten();
            if (wasCaughtUp && mayBeGone)
            {
                ForgetGone();
                mayBeGone = false;
            }

            if (isIdle) _planner = new Planner(manifests);
            if (path is null) continue;

            // If the file is missing, the whole outputs folder may be; then the manifest only waits.
            if (!File.Exists(path)) gate.Close();
            if (gate.Opens(path, () => Obstacle(path))) await PlanAsync(path, jobs, feed, cancellationToken).ConfigureAwait(false);
        }
    }

    // Runs even in a retry of only these failures: their manifests are gone, so there is nothing to fix.
    private void LeaveGone(OutputsPlace outputs)
    {
        var jobs = Gone();
        var gone = jobs.Find(outputs);
        if (_request.DryRun || _request.Failures.Count > 0) gone = [.. gone.Where(failure => _request.Failures.Any(asked => asked.Id == failure.Id))];
        if ((_request.DryRun ? GoneJobs.Tell(gone, "to be forgotten") : jobs.Forget(gone)) is { } notice)
            _work.Emit(new TransferEvent.Warned(notice));
        _gone = gone.Select(failure => failure.ManifestPath!).ToHashSet(StringComparer.Ordinal);
    }

    private void ForgetGone()
    {
        if (Gone().Forget() is { } notice) _work.Emit(new TransferEvent.Warned(notice));
    }

    private GoneJobs Gone() => new(_config, _ledger, _time, Identify);

    // Observations from before a pause may be out of date.
    private void LookAnew()
    {
        _world.Refresh();
        _past = new PastFailures(_ledger);
    }

    /// <inheritdoc/>
    public void Dispose() => _world.Dispose();

    private async Task PlanAsync(string path, JobTallies jobs, ManifestFeed feed, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            // The producer has removed the job, which is no failure.
            feed.Done(path, null);
            return;
        }

        jobs.Begin(path);
        await PlanAsync(new ManifestSource(path), null, cancellationToken).ConfigureAwait(false);
    }

    // Runs on the thread that reads ahead. A manifest that cannot be read is read again at its turn, and fails then.
    private ManifestRead? ReadAhead(ManifestSource source, CancellationToken cancellationToken)
    {
        if (source.Empty is not null) return null;
        try
        {
            var (at, before) = (_time.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
            var (manifest, sources) = _request.Force
                ? (source.Read(_config.FollowJobLinks, cancellationToken), null)
                : source.ReadWithSources(_config.FollowJobLinks, _refuseHardLinks, cancellationToken);

            // Routes are resolved here only to ask servers early. Without servers, the planning thread has more time for that.
            var decisions = source.Decisions ?? (_routes.LeadsToNamed ? _routes.Resolve(manifest) : null);
            if (decisions is not null) _world.Foresee(manifest, decisions, sources);
            return new ManifestRead(manifest, decisions, sources, at, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return null;
        }
    }

    // Whether to check the copies themselves instead of trusting the ledger. A retry of a lost copy must see whether it is back.
    private bool Looks => _request.Force || _looksAgain || _request.Failures.Any(failure => failure.Code == GoneSource.LostCode);

    // A manifest may wait for its turn while copies are made, and change meanwhile.
    private bool IsFresh(ManifestRead read) => _time.GetElapsedTime(read.At) < FreshFor;

    private async Task PlanAsync(ManifestSource source, ManifestRead? read, CancellationToken cancellationToken)
    {
        if (source.Empty is { } notice)
        {
            if (!IsEmptiedOutputs(source.Path)) _work.Emit(new TransferEvent.Warned(notice));
            return;
        }

        try
        {
            var manifest = read?.Manifest ?? source.Read(_config.FollowJobLinks, cancellationToken);
            var decisions = read?.Decisions ?? source.Decisions ?? _routes.Resolve(manifest);
            TransferLog.Read(Log, manifest.Path, manifest.JobId, manifest.Artifacts.Count);
            TransferLog.Routed(Log, decisions);
            _repair?.Check(manifest, decisions, cancellationToken);
            var plan = _planner.Plan(
                manifest,
                decisions,
                _world,
                _repair is null && Looks,
                _repair is null ? null : _repair.IsDue,
                read?.Sources);
            var overcome = _past.Overcome(
                manifest,
                plan,
                Looks,
                isWhole: source.Decisions is null,
                isNarrowed: _request.Failures.Count > 0 || _request.Only.Count > 0 || _repair is not null,
                forget: !_request.DryRun);
            if (!_request.DryRun)
            {
                _ledger.MarkReleased(SeenGone(plan), _time.GetUtcNow());
                _ledger.NoteChangeTimes(ProvenAnew(plan));
            }

            plan = Foretell(NewRoots.Hold(Proven(manifest, decisions, plan), _isAbout));
            CrashPoint.Reach(CrashPoint.Planned);
            var planned = new TransferEvent.Planned(manifest, _repair is null ? _scope.Of(plan) : _repair.Of(manifest, plan))
            {
                Then = Finished?.Foretell(manifest, plan, looks: _request.DryRun),
            };
            _scope.TellLost(manifest, plan, overcome, _request.DryRun, _work.Emit);
            TellKept(plan);
            if (IsSettled(plan))
            {
                _work.TellUnchanged(planned, plan.Items, _isAbout);
                return;
            }

            if (manifest.Oddity is { } odd) _work.Emit(new TransferEvent.Warned(odd));
            _work.Emit(planned);

            foreach (var artifact in plan.Items.GroupBy(item => item.Artifact, ReferenceEqualityComparer.Instance))
            {
                var items = artifact.ToList();

                // Only items that may be copied have to settle: an unchanged source settled long ago.
                if (_request.DryRun || _repair is not null || !items.Exists(_scope.IsAbout) || !_settling.Holds(items, _world, PlanAgain))
                    await _work.DispatchAsync(items, IsAbout, cancellationToken).ConfigureAwait(false);
                else TransferLog.Settling(Log, items[0].Artifact.Path, manifest.JobId);

                IReadOnlyList<PlanItem> PlanAgain()
                {
                    List<RouteDecision> own = [.. decisions.Where(decision => ReferenceEquals(decision.Artifact, artifact.Key))];
                    return Foretell(NewRoots.Hold(Proven(manifest, own, _planner.Plan(manifest, own, _world, Looks)), _isAbout)).Items;
                }
            }
        }
        catch (FailureException e) when (source.Missing is not null)
        {
            _scope.Leave(source.Path);

            // A mistyped path is not recorded in the ledger, because no later run could show that it is fixed.
            _work.Emit(new TransferEvent.Failed(source.Path, e.Failure));
        }
        catch (FailureException e) when (_repair is not null)
        {
            _repair.TellLost(source.Path, e.Failure);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _scope.Leave(source.Path);
            _work.FailManifest(source.Path, SystemFailure.FromException(e, "read", source.Path));
        }
    }

    // An outputs folder is rightly empty if finished jobs are removed from it. If it never had a job, or keeps its jobs, it may be the wrong folder.
    private bool IsEmptiedOutputs(string path) => _config.FinishedJobs.Action != FinishedJobsAction.Keep && _config.OutputsDir is { } outputs
        && Path.TrimEndingDirectorySeparator(path) == Path.TrimEndingDirectorySeparator(outputs) && _ledger.Source(outputs) is not null;

    // Before a job or a source is removed, its copies must be verified, not only recorded in the ledger.
    private TransferPlan Proven(Manifest manifest, IReadOnlyList<RouteDecision> decisions, TransferPlan plan)
    {
        if (_repair is not null || _ledger.IsRebuilding) return plan;
        var known = Releases.ToProve(plan, _isAbout, _past.Know);
        if (Finished is not null) known.UnionWith(Finished.ToProve(manifest, plan));
        if (known.Count == 0) return plan;
        var anew = _planner.Plan(
            manifest,
            [.. decisions.Where(decision => known.Contains(decision.Artifact))],
            _world,
            force: true).Items.ToLookup(item => item.Artifact, ReferenceEqualityComparer.Instance);
        return new([.. plan.Items
            .GroupBy(item => item.Artifact, ReferenceEqualityComparer.Instance)
            .SelectMany(items => known.Contains((Artifact)items.Key!) ? anew[items.Key] : items)]);
    }

    private void RemoveLeft(string outputs)
    {
        try
        {
            if (!_ledger.IsRebuilding)
                FinishedJobFolder.RemoveLeft(outputs, _config.FinishedJobs.Action == FinishedJobsAction.Remove, _ledger, _time, _work.Emit);
        }
        catch (Exception e) when (e is FailureException or IOException or UnauthorizedAccessException)
        {
            // The leftovers are hidden and harmless; the next run tries again.
        }
    }

    // A repair removes no source, and neither does a run whose ledger is being rebuilt.
    private TransferPlan Foretell(TransferPlan plan) => _repair is null && !_ledger.IsRebuilding ? Releases.Foretell(plan, _isAbout) : plan;

    // The ledger of an older version does not record that a source is gone; recording it now saves later checks.
    private static List<SourceName> SeenGone(TransferPlan plan) =>
    [
        .. plan.Items
            .Where(item => item is { IsSourceGone: true, Action: PlanAction.Unchanged })
            .Select(item => new SourceName(item.JobId, item.Artifact.Path))
            .Distinct(),
    ];

    private static List<(SourceName Name, FileState Source)> ProvenAnew(TransferPlan plan)
    {
        List<(SourceName Name, FileState Source)>? proven = null;
        foreach (var item in plan.Items)
            if (item is { IsProvenAnew: true, Source: { } source }) (proven ??= []).Add((new SourceName(item.JobId, item.Artifact.Path), source));
        return proven ?? [];
    }

    // Reports each source once, however many copies it has.
    private void TellKept(TransferPlan plan)
    {
        Artifact? told = null;
        foreach (var item in plan.Items)
        {
            if (item.Kept is null || ReferenceEquals(item.Artifact, told) || !_isAbout(item)) continue;
            _work.Emit(new TransferEvent.Warned(item.Kept));
            told = item.Artifact;
        }
    }

    // Whether nothing in the plan has to settle, to be executed or to be released, so that its items need not be grouped by artifact.
    private static bool IsSettled(TransferPlan plan)
    {
        foreach (var item in plan.Items)
            if (item.Action != PlanAction.Unchanged) return false;
        return true;
    }

    private bool IsAbout(PlanItem item) => _repair is null ? _scope.IsAbout(item) : _repair.IsAbout(item);

    // Dispatches settled items: between two manifests the due ones, at the end (wait) all of them.
    private async Task DispatchSettledAsync(bool wait, CancellationToken cancellationToken)
    {
        while (_settling.UntilNext is { } left && (wait || left <= TimeSpan.Zero))
        {
            if (left > TimeSpan.Zero) await Task.Delay(left, _time, cancellationToken).ConfigureAwait(false);
            if (_settling.LookAgain() is { } items) await _work.DispatchAsync(items, IsAbout, cancellationToken).ConfigureAwait(false);
        }
    }

    // Planning needs room for the ledger, because a copy that cannot be recorded is useless. It also needs the right outputs folder: if it is not
    // mounted, all sources seem to be gone.
    private Failure? Obstacle(string path)
    {
        try
        {
            if (Full() is { } full) return full;
            OutputsPlace.Of(new SyncRequest { Paths = [path] }, _config, _ledger, _time, Identify);
            return null;
        }
        catch (FailureException e)
        {
            return e.Failure;
        }
    }

    private Failure? Full()
    {
        try
        {
            _ledger.RequireRoom(LeastFree);
            return null;
        }
        catch (FailureException e)
        {
            return e.Failure;
        }
    }

    /// <param name="hasAll">Whether everything was planned, so that no manifest waits for an obstacle to go away.</param>
    private async Task RestAsync(bool hasAll)
    {
        try
        {
            if (hasAll && IsWhole && _ledger.IsRebuilding) _ledger.FinishRebuilding();
        }
        catch (FailureException e) when (e.Failure.Class == FailureClass.NoSpace)
        {
            // Repeated at the next rest; nothing is planned until there is room.
        }

        if (hasAll && IsWhole && _looksAgain && !_work.HasFailed) LookedAgain();
        if (!_lanes.AnyHangs) await _lanes.LetGoAsync().ConfigureAwait(false);
    }

    private void LookedAgain()
    {
        try
        {
            _ledger.LookedAgain();
            _looksAgain = false;
        }
        catch (FailureException)
        {
            // Repeated at the next rest; until then the copies are only checked once more.
        }
    }
}
