using NasSync.Failures;
using NasSync.Ledgers;
using NasSync.Processes;

namespace NasSync.Transfers;

/// <summary>
/// The only writer of the ledger: takes outcomes from all threads, records them in groups, and only then emits their events. After the last copy of a
/// source is recorded, it releases the source if the route says so.
/// </summary>
internal sealed class Recorder(
    Ledger ledger,
    UnrecordedCopies unrecorded,
    Func<RecordedFailure, DateTimeOffset?> nextRun,
    TimeProvider time,
    Action<TransferEvent> emit,
    SecondLook look,
    FinishedSources? finished = null)
{
    private const int GroupSize = 256;
    private readonly HandOver<Entry> _entries = new(GroupSize * 4);
    private readonly HashSet<(string, string)> _toldOf = [];
    private Dictionary<SourceName, RecordedFailure> _stayedBefore = [];
    private readonly Releases _releases = new(ledger, finished ?? new FinishedSources(BySettling: false), look, time, emit);

    // Recorded, and announced once older copies of the same source were looked at again.
    private readonly List<Entry> _held = [];

    /// <summary>Told of each recorded item, after its source was released or kept; null where job folders are kept.</summary>
    public FinishedJobs? Jobs { get; init; }

    /// <summary>The interval at which an endless run retries a full ledger; null ends the run.</summary>
    public TimeSpan? WaitForRoom { get; init; }

    /// <summary>An item as a text for people: job, artifact and target.</summary>
    public static string SubjectOf(PlanItem item) =>
        item.Target is null ? $"{item.JobId}: {item.Artifact.Path}" : $"{item.JobId}: {item.Artifact.Path} → {item.Target}";

    /// <summary>Announces all items of one artifact, before any of them has an outcome.</summary>
    public void Expect(IReadOnlyList<PlanItem> items) => _releases.Expect(items);

    /// <summary>Notes that an item will not be copied, which is no failure.</summary>
    public void Leave(PlanItem item) => _releases.Keep(item);

    public void Add(Outcome outcome) => _entries.Add(new Entry(SubjectOf(outcome.Item), outcome.Item, outcome));

    public void AddManifestFailure(string path, Failure failure) =>
        _entries.Add(new Entry(path, null, new Outcome(null!, null, failure, TimeSpan.Zero)));

    public void Complete() => _entries.Complete();

    /// <summary>Records until <see cref="Complete"/>. A failing ledger stops the run, because an item that is not recorded is not done.</summary>
    public void Run(CancellationTokenSource stop)
    {
        var group = new List<Entry>(GroupSize);
        Failure? broken = null;
        var now = time.GetUtcNow();
        while (_entries.Take(out var first))
        {
            group.Clear();
            group.Add(first);
            while (group.Count < GroupSize && _entries.TryTake(out var next)) group.Add(next);
            if (broken is not null) continue;
            now = time.GetUtcNow();
            var unwritten = group.FindAll(entry => entry.Doubt is null);
            if (unwritten.Count > 0 && (broken = Write(unwritten, now, stop.Token)) is not null)
            {
                Break(broken, stop);
                continue;
            }

            CrashPoint.Reach(CrashPoint.Recorded);
            foreach (var entry in unwritten)
                if (entry.Outcome.Receipt is not null) unrecorded.Settled(entry.Item!.Target!);
            foreach (var entry in group)
            {
                var recorded = entry.Doubt is null ? entry with { RecordedAt = now } : entry;
                if (!Holds(recorded, stop.Token)) broken = Announce(recorded, stop.Token) ?? broken;
            }

            if (broken is not null) Break(broken, stop);
        }

        foreach (var entry in _held.ToList())
            if (Announce(entry, stop.Token) is { } late && broken is null) Break(broken = late, stop);
    }

    // The place of an older copy may answer late, or never; the outcomes of others are recorded meanwhile.
    private bool Holds(Entry entry, CancellationToken stop)
    {
        if (entry is not { Doubt: null, Outcome.Receipt: not null }) return false;
        if (_releases.ToLookAt(entry.Item!, entry.Copy) is not { Count: > 0 } old) return false;
        var held = entry with { Doubt = Task.Run(() => look.DoubtAsync(old, stop), CancellationToken.None) };
        _held.Add(held);

        // After the last outcome nothing is taken any more, and the run itself waits for the answer.
        held.Doubt.ConfigureAwait(false).GetAwaiter().OnCompleted(() => _entries.TryAdd(held));
        return true;
    }

    private void Break(Failure broken, CancellationTokenSource stop)
    {
        emit(new TransferEvent.Failed("ledger", broken));
        stop.Cancel();
    }

    private Failure? Write(List<Entry> group, DateTimeOffset now, CancellationToken stop) => Write(
        () =>
        {
            CrashPoint.Reach(CrashPoint.Recording);
            var copied = group.Where(entry => entry.Outcome.Receipt is not null).ToList();
            var due = _releases.DueWith(copied.Select(entry => entry.Item!));

            // Recording a copy clears its failures, including one about removing its source; so those are read first.
            if (due.Count > 0) _stayedBefore = StayedBefore();
            ledger.Record(copied.ConvertAll(ToCopy), due, now);
            ledger.RecordFailures(group.Where(entry => entry.Outcome.Failure is not null).Select(ToFailure).ToList(), nextRun);
        },
        stop);

    // Returns null when everything is recorded. If the disk is full, the copies are at their targets already, so an endless run waits until it can
    // record them.
    private Failure? Write(Action write, CancellationToken stop)
    {
        for (var isTold = false; ;)
        {
            try
            {
                write();
                if (isTold)
                    emit(new TransferEvent.Warned(new Notice("Resumed", "The copies that waited are now recorded.", "There is nothing to do.")));
                return null;
            }
            catch (Exception e)
            {
                var failure = SystemFailure.FromException(e, "write", "the ledger");
                if (WaitForRoom is not { } again || failure.Class != FailureClass.NoSpace || stop.IsCancellationRequested) return failure;
                if (!isTold)
                    emit(new TransferEvent.Warned(new Notice(
                        failure.Code,
                        failure.Message,
                        "Free some space there; finished copies wait to be recorded.")));
                isTold = true;
                Pause(again, stop);
            }
        }
    }

    private void Pause(TimeSpan after, CancellationToken stop)
    {
        try
        {
            Sleep.Until(Task.Delay(after, time, stop));
        }
        catch (OperationCanceledException)
        {
            // The wait is over; try again.
        }
    }

    private Failure? Announce(Entry entry, CancellationToken stop)
    {
        _held.Remove(entry);
        if (entry.Outcome.Receipt?.RightsLost is { } lost && _toldOf.Add((entry.Item!.Target!.Destination, entry.Item.Target.Root)))
            TellLost(entry.Item, lost);
        switch (entry.Outcome)
        {
            case { Failure: { } failure }:
                if (entry.Item is not null) _releases.Keep(entry.Item);
                emit(new TransferEvent.Failed(entry.Subject, failure, entry.Item));
                break;
            case { Item.Action: PlanAction.Adopt }:
                emit(new TransferEvent.Skipped(entry.Item!, SkipKind.AlreadyPresent));
                break;
            default:
                emit(new TransferEvent.Committed(entry.Item!, entry.Outcome.Receipt!, entry.Outcome.Elapsed));
                break;
        }

        if (entry.Outcome.Receipt is null) return null;
        var staying = _releases.Recorded(entry.Item!, entry.Copy, entry.Outcome.Source, entry.Doubt?.GetAwaiter().GetResult());
        if (staying is not null && Stay(entry.Item!, staying, entry.RecordedAt, stop) is { } broken) return broken;
        if (staying is { IsDoubted: true }) Jobs?.Spoil(entry.Item!.Manifest.Path);
        Jobs?.Done(entry.Item!, entry.Copy);
        return null;
    }

    // Corrects the ledger, which already says that the source may be gone.
    private Failure? Stay(PlanItem item, Releases.StayingSource staying, DateTimeOffset since, CancellationToken stop)
    {
        var broken = Write(
            () =>
            {
                ledger.KeepSource(staying.Name, since);
                if (staying.Failure is { } failure) ledger.RecordFailures([OfSource(item, staying.Name, failure)], nextRun);
            },
            stop);
        if (staying.Failure is { } kept) emit(new TransferEvent.Failed(SubjectOf(item), kept, item));
        return broken;
    }

    private Dictionary<SourceName, RecordedFailure> StayedBefore() => ledger.Failures()
        .Where(failure => failure is { Target: null, Artifact: not null, JobId: not null })
        .ToDictionary(failure => new SourceName(failure.JobId!, failure.Artifact!));

    // A failure of the source, not of a copy: a retry must verify all copies again.
    private RecordedFailure OfSource(PlanItem item, SourceName source, Failure failure) => new()
    {
        Attempts = 1 + (_stayedBefore.GetValueOrDefault(source)?.Attempts ?? 0),
        Subject = $"{item.JobId}: {item.Artifact.Path}",
        ManifestPath = item.Manifest.Path,
        JobId = item.JobId,
        Artifact = item.Artifact.Path,
        Failure = failure,
        FirstAt = _stayedBefore.GetValueOrDefault(source)?.FirstAt ?? time.GetUtcNow(),
        LastAt = time.GetUtcNow(),
    };

    private void TellLost(PlanItem item, string lost) => emit(new TransferEvent.Warned(new Notice(
        "RightsLost",
        $"{item.Target!.Display} replaces a file, but {lost} could not be kept.",
        "Let NasSync run as root, or as a member of the group, or give the destination an owner, a group and a fileMode. "
            + "This is reported once per run for each destination.")));

    private RecordedCopy ToCopy(Entry entry) => new()
    {
        JobId = entry.Item!.JobId,
        Artifact = entry.Item.Artifact.Path,
        Requested = entry.Item.Requested ?? entry.Item.Target!,
        Target = entry.Item.Target!,
        Source = entry.Outcome.Source ?? entry.Item.Source!.Value,
        Receipt = entry.Outcome.Receipt!,
        Generation = entry.Item.Manifest.Generation,
        IsAdopted = entry.Item.IsAdopted,
        ReleasedAt = entry.Item.IsSourceGone ? time.GetUtcNow() : null,
    };

    private RecordedFailure ToFailure(Entry entry)
    {
        var now = time.GetUtcNow();
        return new RecordedFailure
        {
            Subject = entry.Subject,
            ManifestPath = entry.Item?.Manifest.Path ?? entry.Subject,
            JobId = entry.Item?.JobId,
            Artifact = entry.Item?.Artifact.Path,
            Target = entry.Item?.Target,
            Failure = entry.Outcome.Failure!,
            FirstAt = now,
            LastAt = now,
        };
    }

    private sealed record Entry(string Subject, PlanItem? Item, Outcome Outcome)
    {
        /// <summary>When it was written to the ledger.</summary>
        public DateTimeOffset RecordedAt { get; init; }

        /// <summary>What speaks against an older copy of the same source; null when no copy has to be looked at again.</summary>
        public Task<string?>? Doubt { get; init; }

        public ProvenCopy Copy => new(Item!.Target!, Outcome.Receipt!, Outcome.At);
    }
}
