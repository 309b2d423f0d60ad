using System.Collections.Concurrent;
using NasSync.Ledgers;
using NasSync.Planning;
using NasSync.Watching;

namespace NasSync.Transfers;

/// <summary>
/// Answers the planner's questions about job folders, destinations and the ledger. Only one planner may use it. The planner asks synchronously, which
/// keeps its rules readable, and only about targets for which the ledger has no proof. Another thread may call <see cref="Foresee"/> meanwhile.
/// </summary>
internal sealed class Observations(
    Lanes lanes,
    Ledger ledger,
    UnrecordedCopies unrecorded,
    WorkerThreads threads) : IObservations, IKnowsCopies, IDisposable
{
    private readonly ConcurrentDictionary<Lane, DestinationView> _views = new();
    private (string Destination, string Root, bool IsRemote) _lastPlace = ("", "", false);
    private volatile bool _isStale;
    private SourceFolder? _folder;
    private Manifest? _manifest;

    /// <summary>Whether a place has turned out to differ from what was observed. May be set from any thread.</summary>
    public bool IsStale
    {
        get => _isStale;
        set => _isStale = value;
    }

    /// <summary>
    /// Ends every question, with an <see cref="OperationCanceledException"/>: a host that does not answer may keep one waiting for a minute.
    /// </summary>
    public CancellationToken Stop { get; set; }

    /// <summary>Whether to refuse sources that have another name too (hard links).</summary>
    public bool RefuseHardLinks { get; init; }

    public FileState Source(Manifest manifest, Artifact artifact) => Folder(manifest).Stat(artifact);

    /// <summary>When the manifest's file was last changed, in nanoseconds since 1970 UTC; null when that is unknown.</summary>
    public long? ManifestMtimeNs(Manifest manifest)
    {
        try
        {
            return Folder(manifest).StatManifest()?.MtimeNs;
        }
        catch (FailureException)
        {
            return null;
        }
    }

    public string SourceHash(Manifest manifest, Artifact artifact) => Folder(manifest).Hash(artifact, Stop);

    /// <summary>Which sources count as finished without a check.</summary>
    public FinishedSources Finished { get; init; } = new(BySettling: false);

    public Notice? KeptBecause(Manifest manifest, Artifact artifact, bool goesNow)
    {
        if (manifest.IsLinked) return KeptSource.Linked(manifest, artifact);
        if (IsManifest(manifest, artifact)) return KeptSource.OfManifest(manifest, artifact);
        if (Finished.IsFinished(artifact)) return null;
        return Folder(manifest).WritersOf(artifact) switch
        {
            // A writer matters only if the source goes now; it may be done by the time of a later copy.
            Files.Writers.Some when goesNow => KeptSource.Because(SourceRelease.StillWritten, manifest, artifact),
            Files.Writers.Unknown => KeptSource.Because(SourceRelease.Unknown, manifest, artifact),
            _ => null,
        };
    }

    private static bool IsManifest(Manifest manifest, Artifact artifact) =>
        artifact.Path.Equals(ManifestFinder.FileName, StringComparison.OrdinalIgnoreCase)
        || artifact.Path.Equals(Path.GetFileName(manifest.Path), StringComparison.OrdinalIgnoreCase);

    public FileState? Target(Target target) => View(target).Stat(target.RelativePath, Stop);

    public string TargetHash(Target target) =>
        lanes.Of(target).Ask(place => place.HashAsync(target.RelativePath, Stop).AsTask(), threads)?.Sha256 ?? "";

    /// <summary>
    /// Adopts the file at a target as a copy, with the proof of <see cref="TargetHash"/>, and removes leftovers of the copying beside it.
    /// </summary>
    /// <param name="target">The target.</param>
    /// <param name="sha256">The hash that <see cref="TargetHash"/> has just returned.</param>
    /// <param name="fingerprint">As in <see cref="Destinations.WriteRequest.Fingerprint"/>.</param>
    public CommitReceipt Adopt(Target target, string sha256, string fingerprint) => lanes.Of(target).Ask(
        async place =>
        {
            var receipt = await place.AdoptAsync(target.RelativePath, sha256, VerifyLevel.Size, Stop).ConfigureAwait(false);
            await place.RemoveLeftoversAsync(target.RelativePath, fingerprint, Stop).ConfigureAwait(false);
            return receipt;
        },
        threads);

    public Failure? WhyNotWritable(Target target)
    {
        var lane = lanes.Of(target);
        return lane.WhyNotWritable is { } look ? lane.Ask(_ => Task.FromResult(look(target.RelativePath)), threads) : null;
    }

    public IReadOnlyList<RecordedCopy> OfJob(string jobId) => ledger.OfJob(jobId);

    public void Know(string jobId, KnownCopies copies) => ledger.Know(jobId, copies);

    public RecordedCopy? Owner(Target target) => ledger.Owner(target);

    public IReadOnlyList<UnrecordedCopy> Unrecorded(Target target) => unrecorded.At(target);

    /// <summary>
    /// Starts to ask servers what the plan for these decisions will need, before the plan's turn. Otherwise each new job would cost its plan one or
    /// two round trips, one job after the other, and with high latency or a busy server planning would be slower than copying. Asks nothing for
    /// jobs that the ledger knows, since most of them have not changed. Call it from one thread only, which may differ from the planner's.
    /// </summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="decisions">The routes of its artifacts.</param>
    /// <param name="seen">The current states of its artifacts, in its order, null for a missing one; null when they were not read.</param>
    public void Foresee(Manifest manifest, IReadOnlyList<RouteDecision> decisions, IReadOnlyList<FileState?>? seen)
    {
        // A shared ledger is on a server, so asking it here as well would cost a second round trip for each job.
        if (!decisions.Any(decision => decision.Targets.Any(IsRemote)) || ledger.IsShared || ledger.HasJob(manifest.JobId)) return;
        foreach (var place in Foresight.Of(manifest, decisions, seen).Where(IsRemote).GroupBy(View))
            place.Key.Foresee(place.Select(target => target.RelativePath));
    }

    /// <summary>Forgets all observations of places and job folders, which may have changed.</summary>
    public void Refresh()
    {
        _isStale = false;
        foreach (var view in _views.Values) view.Dispose();
        _views.Clear();
        _folder?.Dispose();
        (_folder, _manifest) = (null, null);
    }

    public void Dispose() => Refresh();

    private DestinationView View(Target target) => _views.GetOrAdd(lanes.Of(target), lane => new DestinationView(lane, threads));

    // Most targets are at the same place as the previous one, so its answer is kept.
    private bool IsRemote(Target target)
    {
        if (target.Destination != _lastPlace.Destination || target.Root != _lastPlace.Root)
            _lastPlace = (target.Destination, target.Root, lanes.Of(target).IsRemote);
        return _lastPlace.IsRemote;
    }

    private SourceFolder Folder(Manifest manifest)
    {
        if (ReferenceEquals(manifest, _manifest)) return _folder!;
        _folder?.Dispose();
        (_folder, _manifest) = (null, null);
        _folder = SourceFolder.Open(manifest, RefuseHardLinks);
        _manifest = manifest;
        return _folder;
    }
}
