using NasSync.Config;
using NasSync.Files;
using NasSync.Planning;
using NasSync.Routing;
using NasSync.Transfers;

namespace NasSync.Verifying;

/// <summary>Finds the sources of copies: whether a source is still what was copied, and what a repair would do.</summary>
internal sealed class SourceOfCopy(SyncConfig config, JobFolders folders)
{
    private readonly RouteTable _routes = new(config);

    // The source of an intact copy is not needed, so an outputs folder that may hang is not queried for it.
    private readonly bool _mayHang = config.OutputsDir is { } outputs && NetworkFileSystem.MayHang(outputs);

    /// <summary>SHA-256 of the source if its state is still the same as when it was copied; otherwise null.</summary>
    public string? Hash(RecordedCopy copy, CancellationToken cancellationToken)
    {
        try
        {
            if (Find(copy, cancellationToken) is not var (manifest, artifact, _)) return null;
            using var folder = SourceFolder.Open(manifest);
            return RecordedJob.SameSource(copy, folder.Stat(artifact), artifact.Sha256) ? folder.Hash(artifact, cancellationToken) : null;
        }
        catch (FailureException)
        {
            return null;
        }
    }

    /// <summary>The finding, with what a repair would do. The source is read only if its state has changed.</summary>
    public CopyFinding Advise(CopyFinding finding, CancellationToken cancellationToken)
    {
        var copy = finding.Copy;
        if (!finding.IsLost) return _mayHang ? finding : finding with { Manifest = folders.Near(copy.JobId, cancellationToken) };
        if (copy.IsFormer) return Impossible("its source was released, and the job has another file of that name since", isSourceGone: true);
        if (Find(copy, cancellationToken) is not var (manifest, artifact, decision))
            return Impossible("its source is not to be found in the outputs folder any more", isSourceGone: copy.ReleasedAt is not null);
        finding = finding with { Manifest = manifest.Path };
        if (decision.Targets.All(target => target.Key != copy.Requested.Key)) return Impossible("no route leads there any more");
        try
        {
            using var folder = SourceFolder.Open(manifest);
            if (!RecordedJob.SameContent(copy, folder.Stat(artifact), artifact.Sha256, () => folder.Hash(artifact, cancellationToken)))
                return Impossible(OtherSource.Words(copy));
        }
        catch (FailureException e)
        {
            var isGone = e.Failure.Code is SourceFile.GoneCode or SourceFolder.JobGoneCode;
            return Impossible(isGone ? "its source is gone" : e.Failure.Message, isGone);
        }

        if (finding.Failure is not null) return Impossible("something that is no file stands in its place; move it away");
        if (finding.State == CopyState.Damaged && copy.Receipt.Sha256 is null)
            return Impossible("nobody can say which of the two is right, the copy or its source");
        return finding.State == CopyState.Drifted
            ? finding with { Repair = RepairKind.Policy, RepairReason = Words(decision.Route?.OnConflict ?? ConflictPolicy.KeepBoth) }
            : finding with { Repair = RepairKind.Copy, RepairReason = $"made again from {manifest.Folder}/{artifact.Path}" };

        CopyFinding Impossible(string why, bool isSourceGone = false) =>
            finding with { Repair = RepairKind.Impossible, RepairReason = why, IsSourceGone = isSourceGone };
    }

    private (Manifest Manifest, Artifact Artifact, RouteDecision Decision)? Find(RecordedCopy copy, CancellationToken cancellationToken)
    {
        if (folders.Find(copy.JobId, cancellationToken) is not { } manifest) return null;
        return manifest.Artifacts.FirstOrDefault(one => one.Path == copy.Artifact) is { } artifact
            ? (manifest, artifact, _routes.Resolve(manifest, artifact))
            : null;
    }

    private static string Words(ConflictPolicy policy) => policy switch
    {
        ConflictPolicy.Overwrite => "the changed file is replaced, as onConflict: overwrite says",
        ConflictPolicy.Skip => "the changed file stays and nothing is sent, as onConflict: skip says",
        ConflictPolicy.Fail => "the changed file stays and the item fails, as onConflict: fail says",
        _ => "the changed file stays, and the source is copied beside it under a name of its own",
    };
}
