using NasSync.Ledgers;
using NasSync.Planning;

namespace NasSync.Transfers;

/// <summary>
/// The world as the planner may ask it: job folders, destinations and the ledger. One planner at a time; it asks synchronously, so that its
/// rules read as rules, and only for targets that the ledger does not prove.
/// </summary>
internal sealed class Observations(Lanes lanes, Ledger ledger, UnrecordedCopies unrecorded, WorkerThreads threads) : IObservations, IKnowsCopies, IDisposable
{
    private readonly Dictionary<Lane, DestinationView> _views = [];
    private SourceFolder? _folder;
    private Manifest? _manifest;

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

    public FileState? Target(Target target) => View(target).Stat(target.Path);

    public string TargetHash(Target target) =>
        lanes.Of(target).Ask(place => place.HashAsync(target.Path, CancellationToken.None).AsTask(), threads)?.Sha256 ?? "";

    /// <summary>Takes what stands at a target as a copy, as sure as <see cref="TargetHash"/> was, and removes what the copying may have left beside it.</summary>
    /// <param name="target">The target.</param>
    /// <param name="sha256">What <see cref="TargetHash"/> has just said.</param>
    /// <param name="fingerprint">As in <see cref="Destinations.WriteRequest.Fingerprint"/>.</param>
    public CommitReceipt Adopt(Target target, string sha256, string fingerprint) => lanes.Of(target).Ask(
        async place =>
        {
            var receipt = await place.AdoptAsync(target.Path, sha256, VerifyLevel.Size, CancellationToken.None).ConfigureAwait(false);
            await place.RemoveLeftoversAsync(target.Path, fingerprint, CancellationToken.None).ConfigureAwait(false);
            return receipt;
        },
        threads);

    public IReadOnlyList<RecordedCopy> OfJob(string jobId) => ledger.OfJob(jobId);

    public void Know(string jobId, KnownCopies copies) => ledger.Know(jobId, copies);

    public RecordedCopy? Owner(Target target) => ledger.Owner(target);

    public IReadOnlyList<UnrecordedCopy> Unrecorded(Target target) => unrecorded.At(target);

    /// <summary>Forgets what was seen of places and job folders: they may be others by now.</summary>
    public void Refresh()
    {
        _views.Clear();
        _folder?.Dispose();
        (_folder, _manifest) = (null, null);
    }

    public void Dispose() => _folder?.Dispose();

    private DestinationView View(Target target)
    {
        var lane = lanes.Of(target);
        if (!_views.TryGetValue(lane, out var view)) _views[lane] = view = new DestinationView(lane, threads);
        return view;
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
