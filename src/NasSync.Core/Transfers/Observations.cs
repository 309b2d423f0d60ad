using NasSync.Ledgers;
using NasSync.Planning;

namespace NasSync.Transfers;

/// <summary>
/// The world as the planner may ask it: job folders, destinations and the ledger. One planner at a time; it asks synchronously, so that its
/// rules read as rules, and only for targets that the ledger does not prove.
/// </summary>
internal sealed class Observations(Lanes lanes, Ledger ledger) : IObservations, IDisposable
{
    private readonly Dictionary<Lane, DestinationView> _views = [];
    private SourceFolder? _folder;
    private Manifest? _manifest;

    public FileState Source(Manifest manifest, Artifact artifact) => Folder(manifest).Stat(artifact);

    public string SourceHash(Manifest manifest, Artifact artifact) => Folder(manifest).Hash(artifact);

    public FileState? Target(Target target) => View(target).Stat(target.Path);

    public string TargetHash(Target target) =>
        lanes.Of(target).Destination.HashAsync(target.Path, CancellationToken.None).AsTask().GetAwaiter().GetResult()?.Sha256 ?? "";

    public IReadOnlyList<RecordedCopy> OfJob(string jobId) => ledger.OfJob(jobId);

    public RecordedCopy? Owner(Target target) => ledger.Owner(target);

    public void Dispose() => _folder?.Dispose();

    private DestinationView View(Target target)
    {
        var lane = lanes.Of(target);
        if (!_views.TryGetValue(lane, out var view)) _views[lane] = view = new DestinationView(lane.Destination, lane.IsRemote);
        return view;
    }

    private SourceFolder Folder(Manifest manifest)
    {
        if (ReferenceEquals(manifest, _manifest)) return _folder!;
        _folder?.Dispose();
        (_folder, _manifest) = (null, null);
        _folder = SourceFolder.Open(manifest);
        _manifest = manifest;
        return _folder;
    }
}
