using System.Collections.Concurrent;
using NasSync.Ledgers;
using NasSync.Planning;
using NasSync.Watching;

namespace NasSync.Transfers;

/// <summary>
/// The world as the planner may ask it: job folders, destinations and the ledger. One planner at a time; it asks synchronously, so that its
/// rules read as rules, and only for targets that the ledger does not prove. Another thread may meanwhile foresee what comes next.
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

    /// <summary>Whether a place was found to be other than it was seen. Set from any thread.</summary>
    public bool IsStale
    {
        get => _isStale;
        set => _isStale = value;
    }

    /// <summary>Refuse sources that have another name too.</summary>
    public bool RefuseHardLinks { get; init; }

    public FileState Source(Manifest manifest, Artifact artifact) => Folder(manifest).Stat(artifact);

    /// <summary>When the manifest's file was last changed, in nanoseconds since 1970 UTC; null when that is not to be known.</summary>
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

    public string SourceHash(Manifest manifest, Artifact artifact) => Folder(manifest).Hash(artifact);

    /// <summary>Which sources need not be asked about.</summary>
    public FinishedSources Finished { get; init; } = new(BySettling: false);

    public Notice? KeptBecause(Manifest manifest, Artifact artifact, bool goesNow)
    {
        if (manifest.IsLinked) return KeptSource.Linked(manifest, artifact);
        if (IsManifest(manifest, artifact)) return KeptSource.OfManifest(manifest, artifact);
        if (Finished.IsFinished(artifact)) return null;
        return Folder(manifest).WritersOf(artifact) switch
        {
            // Until it is copied its writer may be through.
            Files.Writers.Some when goesNow => KeptSource.Because(SourceRelease.StillWritten, manifest, artifact),
            Files.Writers.Unknown => KeptSource.Because(SourceRelease.Unknown, manifest, artifact),
            _ => null,
        };
    }

    private static bool IsManifest(Manifest manifest, Artifact artifact) =>
        artifact.Path.Equals(ManifestFinder.FileName, StringComparison.OrdinalIgnoreCase)
        || artifact.Path.Equals(Path.GetFileName(manifest.Path), StringComparison.OrdinalIgnoreCase);

    public FileState? Target(Target target) => View(target).Stat(target.RelativePath);

    public string TargetHash(Target target) =>
        lanes.Of(target).Ask(place => place.HashAsync(target.RelativePath, CancellationToken.None).AsTask(), threads)?.Sha256 ?? "";

    /// <summary>
    /// Takes what stands at a target as a copy, as sure as <see cref="TargetHash"/> was, and removes what the copying may have left beside it.
    /// </summary>
    /// <param name="target">The target.</param>
    /// <param name="sha256">What <see cref="TargetHash"/> has just said.</param>
    /// <param name="fingerprint">As in <see cref="Destinations.WriteRequest.Fingerprint"/>.</param>
    public CommitReceipt Adopt(Target target, string sha256, string fingerprint) => lanes.Of(target).Ask(
        async place =>
        {
            var receipt = await place.AdoptAsync(target.RelativePath, sha256, VerifyLevel.Size, CancellationToken.None).ConfigureAwait(false);
            await place.RemoveLeftoversAsync(target.RelativePath, fingerprint, CancellationToken.None).ConfigureAwait(false);
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
    /// Begins to ask servers what a plan of these decisions will ask of them, so that the answers are on their way before the plan has its turn: else
    /// each new job costs its plan a round trip or two, one job after the other, and at a long line or a busy server less is planned than could be
    /// copied. Nothing is asked for a job that the ledger knows, since of most of those nothing has changed. From one thread, also while another one
    /// plans.
    /// </summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="decisions">Its artifacts' routes.</param>
    /// <param name="seen">Its artifacts as they are now, in its order, null for one that is not there; null: they were not looked at.</param>
    public void Foresee(Manifest manifest, IReadOnlyList<RouteDecision> decisions, IReadOnlyList<FileState?>? seen)
    {
        // A ledger that is a server itself would be asked twice for each job.
        if (!decisions.Any(decision => decision.Targets.Any(IsRemote)) || ledger.IsShared || ledger.HasJob(manifest.JobId)) return;
        foreach (var place in Foresight.Of(manifest, decisions, seen).Where(IsRemote).GroupBy(View))
            place.Key.Foresee(place.Select(target => target.RelativePath));
    }

    /// <summary>Forgets what was seen of places and job folders: they may be others by now.</summary>
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

    // Most targets are at the place of the one before.
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
