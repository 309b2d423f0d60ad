using NasSync.Config;
using NasSync.Destinations.Local;
using NasSync.Ledgers;
using NasSync.Planning;

namespace NasSync.Transfers;

/// <summary>The world as the planner may ask it: job folders, destinations and the ledger. One planner at a time.</summary>
internal sealed class Observations(SyncConfig config, LocalDestination local, Ledger ledger) : IObservations, IDisposable
{
    private SourceFolder? _folder;
    private Manifest? _manifest;

    public FileState Source(Manifest manifest, Artifact artifact) => Folder(manifest).Stat(artifact);

    public string SourceHash(Manifest manifest, Artifact artifact) => Folder(manifest).Hash(artifact);

    public FileState? Target(Target target)
    {
        RequireSupported(target);
        return local.Stat(target);
    }

    public string TargetHash(Target target) => local.Hash(target);

    public IReadOnlyList<RecordedCopy> OfJob(string jobId) => ledger.OfJob(jobId);

    public RecordedCopy? Owner(Target target) => ledger.Owner(target);

    public void Dispose() => _folder?.Dispose();

    private SourceFolder Folder(Manifest manifest)
    {
        if (ReferenceEquals(manifest, _manifest)) return _folder!;
        _folder?.Dispose();
        (_folder, _manifest) = (null, null);
        _folder = SourceFolder.Open(manifest);
        _manifest = manifest;
        return _folder;
    }

    private void RequireSupported(Target target)
    {
        var named = target.Destination != NasSync.Target.LocalName && config.Destinations.GetValueOrDefault(target.Destination) is not LocalDestinationConfig;
        if (!named && Path.IsPathRooted(target.Root)) return;
        throw new FailureException(new Failure(
            FailureClass.Config,
            "DestinationNotSupported",
            $"'{target}' is not a local folder; this version copies to local folders only.",
            "Mount the place and route to the mount point."));
    }
}
