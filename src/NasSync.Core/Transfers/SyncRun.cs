using System.Threading.Channels;
using NasSync.Config;
using NasSync.Destinations;
using NasSync.Failures;
using NasSync.Ledgers;
using NasSync.Planning;
using NasSync.Routing;

namespace NasSync.Transfers;

/// <summary>One run from its first manifest to its last event.</summary>
internal sealed class SyncRun : IAsyncDisposable
{
    private const int EventsAhead = 1024;
    private readonly SyncConfig _config;
    private readonly SyncRequest _request;
    private readonly TimeProvider _time;
    private readonly Ledger _ledger;
    private readonly Lanes _lanes;
    private readonly WorkerThreads _threads = new();
    private readonly ItemsUnderWay _underWay = new();
    private readonly Retries _retries;
    private readonly RunTally _tally;
    private readonly Recorder _recorder;
    private readonly Channel<TransferEvent> _events = Channel.CreateBounded<TransferEvent>(EventsAhead);

    public SyncRun(SyncConfig config, DestinationFactory factory, SyncRequest request, Ledger ledger, TimeProvider time)
    {
        (_config, _request, _ledger, _time) = (config, request, ledger, time);
        _lanes = new Lanes(config, factory, request.Transfers ?? config.Transfers, time);
        _retries = new Retries(config.Retry);
        _tally = new RunTally(request.DryRun);
        _recorder = new Recorder(ledger, time, Emit);
    }

    /// <summary>What happens, as it happens; it must be read to its end, or the run waits.</summary>
    public ChannelReader<TransferEvent> Events => _events.Reader;

    /// <summary>
    /// The way of an artifact. Each line runs on threads of its own, so that planning, copying and recording overlap; each queue is bounded, so
    /// that a slow stage slows the ones before it and memory stays flat.
    /// <code>
    ///   this task     Watch → Settle → Parse → Route → Plan
    ///                                                    ↓ items of one artifact
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
        try
        {
            await PlanAllAsync(stop.Token).ConfigureAwait(false);
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

        await _underWay.NoneAsync().ConfigureAwait(false);
        _recorder.Complete();
        await record.ConfigureAwait(false);
        Emit(new TransferEvent.Finished(_tally.Finish(_time.GetElapsedTime(started), cancellationToken.IsCancellationRequested)));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _threads.Dispose();
        await _lanes.DisposeAsync().ConfigureAwait(false);
        _recorder.Dispose();
    }

    private async Task PlanAllAsync(CancellationToken cancellationToken)
    {
        var routes = new RouteTable(_config);
        var planner = new Planner();
        using var world = new Observations(_lanes, _ledger);
        var past = new PastFailures(_ledger);
        foreach (var source in ManifestSource.Of(_request, _config))
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                var manifest = source.Read(cancellationToken);
                var plan = planner.Plan(manifest, source.Decisions ?? routes.Resolve(manifest), world, _request.Force);
                if (!_request.DryRun) past.ForgetOvercome(manifest, plan);
                Emit(new TransferEvent.Planned(manifest, plan));
                await DispatchAsync(plan, cancellationToken).ConfigureAwait(false);
            }
            catch (FailureException e) when (source.Missing is not null)
            {
                // No later run could show that a mistyped path is overcome, so the ledger does not learn of it.
                Emit(new TransferEvent.Failed(source.Path, e.Failure));
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                FailManifest(source.Path, SystemFailure.FromException(e, "read", source.Path));
            }
        }
    }

    private async Task DispatchAsync(TransferPlan plan, CancellationToken cancellationToken)
    {
        foreach (var item in plan.Items) Settle(item);
        if (_request.DryRun) return;
        foreach (var artifact in plan.Items.GroupBy(item => item.Artifact, ReferenceEqualityComparer.Instance))
        {
            _recorder.Expect(artifact.ToList());
            var approved = new List<PlanItem>();
            foreach (var item in artifact.Where(item => item.Action is PlanAction.Copy or PlanAction.Adopt))
                if (_request.Approve is not { } ask || await ask(item, cancellationToken).ConfigureAwait(false)) approved.Add(item);
            await StartAsync(approved, cancellationToken).ConfigureAwait(false);
        }
    }

    // What the plan alone decides has its event at once.
    private void Settle(PlanItem item)
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
                _recorder.Add(new Outcome(item, null, item.Failure, TimeSpan.Zero));
                break;
        }
    }

    private void FailManifest(string path, Failure failure)
    {
        if (_request.DryRun) Emit(new TransferEvent.Failed(path, failure));
        else _recorder.AddManifestFailure(path, failure);
    }

    // Items whose lanes have a free slot share one read of the source; the others wait for their lane and read it by themselves later.
    private async Task StartAsync(List<PlanItem> items, CancellationToken cancellationToken)
    {
        var now = new List<PlanItem>(items.Count);
        foreach (var item in items)
        {
            _underWay.Add();
            try
            {
                if (await _lanes.Of(item.Target!).EnterAsync(item, cancellationToken).ConfigureAwait(false)) now.Add(item);
            }
            catch
            {
                _underWay.Remove();
                foreach (var entered in now) Tell(new Outcome(entered, null, null, TimeSpan.Zero), cancellationToken);
                throw;
            }
        }

        if (now.Count > 0) Transfer(now, cancellationToken);
    }

    private void Transfer(IReadOnlyList<PlanItem> items, CancellationToken cancellationToken)
    {
        var copies = items.Select(item => new CopyInProgress(item, _lanes.Of(item.Target!).Destination, _time, outcome => Tell(outcome, cancellationToken))).ToList();
        _threads.Run(() => new TransferSession(copies, _time, Emit).RunAsync(cancellationToken).GetAwaiter().GetResult());
    }

    private void Tell(Outcome outcome, CancellationToken cancellationToken)
    {
        var again = outcome.Failure is { } failure ? _retries.DelayAfter(outcome.Item, failure) : null;
        if (again is { } delay) _ = TryAgainAsync(outcome, delay, cancellationToken);
        else if (outcome.Receipt is not null || outcome.Failure is not null) _recorder.Add(outcome);
        if (_lanes.Of(outcome.Item.Target!).Leave() is { } next) Transfer([next], cancellationToken);
        if (again is null) _underWay.Remove();
    }

    // Without its slot: while one item waits, the others of its lane go on.
    private async Task TryAgainAsync(Outcome outcome, TimeSpan delay, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(delay, _time, cancellationToken).ConfigureAwait(false);
            if (await _lanes.Of(outcome.Item.Target!).EnterAsync(outcome.Item, cancellationToken).ConfigureAwait(false)) Transfer([outcome.Item], cancellationToken);
        }
        catch (OperationCanceledException)
        {
            _recorder.Add(outcome);
            _underWay.Remove();
        }
    }

    private void Emit(TransferEvent transferEvent)
    {
        _tally.Count(transferEvent);
        if (_events.Writer.TryWrite(transferEvent)) return;
        // Progress is worth nothing late.
        if (transferEvent is TransferEvent.Progress) return;
        _events.Writer.WriteAsync(transferEvent).AsTask().GetAwaiter().GetResult();
    }

    private static Task Dedicated(Action loop) =>
        Task.Factory.StartNew(loop, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
