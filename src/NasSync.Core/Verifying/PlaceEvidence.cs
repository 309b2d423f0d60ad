using NasSync.Config;
using NasSync.Destinations.Places;
using NasSync.Ledgers;
using NasSync.Transfers;

namespace NasSync.Verifying;

/// <summary>
/// Decides whether a copy that was not found may be called missing. A NAS that is not mounted shows an empty folder, so a missing file alone proves
/// nothing. The place must first prove that it is the right one: by its marker, by a folder on the path to the copy, or by another copy.
/// </summary>
internal sealed class PlaceEvidence(SyncConfig config, Ledger ledger, WorkerThreads threads)
{
    private const int OthersAsked = 8;
    private static readonly RelativePath Marker = RelativePath.Parse(PlaceMarker.Name);
    private readonly object _gate = new();
    private readonly Dictionary<Lane, Task<bool>> _others = [];

    /// <summary>Why the place is not proven to be the right one; null when it is.</summary>
    /// <exception cref="FailureException">The place does not answer.</exception>
    public async Task<Failure?> DoubtAsync(Lane lane, RecordedCopy missing, CancellationToken cancellationToken)
    {
        var target = missing.Target;
        if (!lane.IsRemote) return await StandsAsync(lane, Marker, cancellationToken).ConfigureAwait(false) ? null : NoMarker(target);

        // An S3 server itself reports a missing bucket, and a prefix needs no proof.
        if (config.Destinations.GetValueOrDefault(target.Destination) is S3DestinationConfig) return null;
        for (var folder = target.RelativePath.Parent; folder is not null; folder = folder.Parent)
            if (await StandsAsync(lane, folder, cancellationToken).ConfigureAwait(false)) return null;
        return await OthersStandAsync(lane, missing, cancellationToken).ConfigureAwait(false) ? null : NothingThere(target);
    }

    // Checked once for each destination. If no other copy exists, a folder on the path to a copy is the only evidence left.
    private Task<bool> OthersStandAsync(Lane lane, RecordedCopy missing, CancellationToken cancellationToken)
    {
        lock (_gate) return _others.TryGetValue(lane, out var known) ? known : (_others[lane] = AskAsync());

        async Task<bool> AskAsync()
        {
            await Task.Yield();
            var others = ledger.Copies().Where(copy =>
                copy.SupersededBy is null
                    && copy.Target.Destination == missing.Target.Destination
                    && copy.Target.Root == missing.Target.Root
                    && copy.Target.Key != missing.Target.Key);
            foreach (var other in others.Take(OthersAsked))
                if (await StandsAsync(lane, other.Target.RelativePath, cancellationToken).ConfigureAwait(false)) return true;
            return false;
        }
    }

    private async Task<bool> StandsAsync(Lane lane, RelativePath path, CancellationToken cancellationToken)
    {
        try
        {
            return await lane.AskAsync(place => place.StatAsync(path, cancellationToken).AsTask(), threads).ConfigureAwait(false) is not null;
        }
        catch (FailureException e) when (e.Failure.Code == "TargetIsNotAFile")
        {
            // A folder exists at the path, which is the proof.
            return true;
        }
    }

    private static Failure NoMarker(Target target) => new(
        FailureClass.Unavailable,
        "PlaceUnproven",
        $"{target} is not there, but neither is {PlaceMarker.Name} in {target.Root}: the place may not be mounted, so nothing is said of the copy.",
        "Mount the NAS and verify again; the next copy to the place marks it.");

    private static Failure NothingThere(Target target) => new(
        FailureClass.Unavailable,
        "PlaceUnproven",
        $"{target} is not there, nor is any folder or other copy that was recorded at {target.Destination}: the place may "
            + "not be mounted, so nothing is said of the copy.",
        "Look whether the server's volume is mounted and whether the destination's root is right, and verify again.");
}
