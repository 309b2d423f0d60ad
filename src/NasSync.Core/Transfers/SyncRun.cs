using System.Collections.Concurrent;
using System.Threading.Channels;
using NasSync.Config;
using NasSync.Destinations.Local;
using NasSync.Failures;
using NasSync.Ledgers;
using NasSync.Planning;
using NasSync.Routing;

namespace NasSync.Transfers;

/// <summary>One run from its first manifest to its last event.</summary>
internal sealed class SyncRun : IDisposable
{
    private const int WorkAhead = 64;
    private const int EventsAhead = 1024;
    private readonly SyncConfig _config;
    private readonly SyncRequest _request;
    private readonly TimeProvider _time;
    private readonly Ledger _ledger;
    private readonly LocalDestination _local;
    private readonly RunTally _tally;
    private readonly Recorder _recorder;
    private readonly BlockingCollection<IReadOnlyList<PlanItem>> _work = new(WorkAhead);
    private readonly Channel<TransferEvent> _events = Channel.CreateBounded<TransferEvent>(EventsAhead);

    public SyncRun(SyncConfig config, SyncRequest request, Ledger ledger, TimeProvider time)
    {
        (_config, _request, _ledger, _time) = (config, request, ledger, time);
        _local = new LocalDestination(time);
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
    ///   N threads                                  Transfer → Verify → Commit
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
        var transfers = Enumerable.Range(0, _request.Transfers ?? _config.Transfers).Select(_ => Dedicated(() => Transfer(stop.Token))).ToArray();
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

        _work.CompleteAdding();
        await Task.WhenAll(transfers).ConfigureAwait(false);
        _recorder.Complete();
        await record.ConfigureAwait(false);
        Emit(new TransferEvent.Finished(_tally.Finish(_time.GetElapsedTime(started), cancellationToken.IsCancellationRequested)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _work.Dispose();
        _recorder.Dispose();
        _local.Dispose();
    }

    private async Task PlanAllAsync(CancellationToken cancellationToken)
    {
        var routes = new RouteTable(_config);
        var planner = new Planner();
        using var world = new Observations(_config, _local, _ledger);
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
            if (approved.Count > 0) _work.Add(approved, cancellationToken);
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

    private void Transfer(CancellationToken cancellationToken)
    {
        var ring = new BlockRing();
        // Also after a stop the queue is emptied, so that nobody waits to fill it.
        foreach (var items in _work.GetConsumingEnumerable(CancellationToken.None))
        {
            if (cancellationToken.IsCancellationRequested) continue;
            foreach (var item in items.Where(item => item.Action == PlanAction.Adopt)) _recorder.Add(Adopt(item));
            var copies = items.Where(item => item.Action == PlanAction.Copy).ToList();
            if (copies.Count == 0) continue;
            try
            {
                foreach (var outcome in new TransferSession(copies, _local, ring, _time, Emit).Run(cancellationToken)) _recorder.Add(outcome);
            }
            catch (OperationCanceledException)
            {
                // The next run does it again.
            }
        }
    }

    private Outcome Adopt(PlanItem item)
    {
        try
        {
            return new Outcome(item, _local.Adopt(item.Target!, item.Sha256!), null, TimeSpan.Zero);
        }
        catch (Exception e)
        {
            return new Outcome(item, null, SystemFailure.FromException(e, "adopt", item.Target!.Display), TimeSpan.Zero);
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
