using NasSync.Config;
using NasSync.Files;
using NasSync.Ledgers;

namespace NasSync.Transfers;

/// <summary>
/// Failures whose manifest is gone: no run could ever overcome them, so they leave the ledger. A manifest counts as gone only if the outputs folder
/// was seen to be the right one and does not hold it; what lies elsewhere, or is only not mounted, or may not be looked at, is not gone. In a ledger
/// that several machines share a failure may speak of a folder of another machine, so nothing is concluded there.
/// </summary>
internal sealed class GoneJobs(SyncConfig config, Ledger ledger, TimeProvider time, OutputsPlace.Identify? identify)
{
    private const int NamesAtMost = 3;

    /// <summary>The failures whose manifest is gone.</summary>
    /// <param name="outputs">The outputs folder, which was seen to be the right one.</param>
    /// <exception cref="FailureException">It went away meanwhile.</exception>
    public IReadOnlyList<RecordedFailure> Find(OutputsPlace outputs)
    {
        if (ledger.IsShared) return [];
        var seen = new Dictionary<string, bool>(StringComparer.Ordinal);
        var gone = ledger.Failures()
            .Where(failure => failure.ManifestPath is { } path && (seen.TryGetValue(path, out var known) ? known : seen[path] = MayBeGone(path)))
            .ToList();
        if (gone.Count == 0) return gone;
        using var root = SafeRoot.Open(outputs.Path);
        gone.RemoveAll(failure => !IsGone(root, failure.ManifestPath!));

        // What was looked into is the folder that was proven: the handle, the path and the proof agree.
        outputs.RequireStillThere(identify);
        return root.IsStillThere() ? gone : [];
    }

    /// <summary>Forgets them, wherever the outputs folder can be proven to be the right one; else nothing happens.</summary>
    /// <returns>What to tell; null when nothing was forgotten.</returns>
    public Notice? Forget()
    {
        try
        {
            // A watcher to which nothing happened leaves the folder alone.
            if (config.OutputsDir is not { } path || !ledger.Failures().Any(failure => failure.ManifestPath is { } manifest && MayBeGone(manifest)))
                return null;
            return OutputsPlace.Of(new SyncRequest { Paths = [path] }, config, ledger, time, identify) is { } outputs ? Forget(Find(outputs)) : null;
        }
        catch (Exception e) when (e is FailureException or IOException or UnauthorizedAccessException)
        {
            return null; // what cannot be looked at now is looked at another time
        }
    }

    /// <summary>Forgets failures that were found.</summary>
    public Notice? Forget(IReadOnlyList<RecordedFailure> gone)
    {
        ledger.ForgetFailures([.. gone.Select(failure => failure.Id)]);
        return Tell(gone, "forgotten");
    }

    /// <summary>What people should know of them; null when there are none.</summary>
    public static Notice? Tell(IReadOnlyList<RecordedFailure> gone, string what)
    {
        if (gone.Count == 0) return null;
        var manifests = gone.Select(failure => failure.ManifestPath!).Distinct(StringComparer.Ordinal).ToList();
        var named = string.Join(", ", manifests.Take(NamesAtMost))
            + (manifests.Count > NamesAtMost ? $" and {manifests.Count - NamesAtMost} more" : "");
        return new Notice(
            "FailuresForgotten",
            $"{(gone.Count == 1 ? "A failure is" : $"{gone.Count} failures are")} {what}, because {(gone.Count == 1 ? "its" : "their")} {(manifests.Count == 1 ? "manifest is" : "manifests are")} gone: {named}.",
            "Nothing needs to be done; a job that comes back is synced like any other.");
    }

    private static bool MayBeGone(string manifest) => !File.Exists(manifest);

    private static bool IsGone(SafeRoot outputs, string manifest)
    {
        if (Path.GetRelativePath(outputs.FullPath, manifest) is not { } below
            || !RelativePath.TryParse(below.Replace(Path.DirectorySeparatorChar, '/'), out var path, out _))
            return false;
        try
        {
            return outputs.Stat(path) is null && MountTable.UnmountedAbove(manifest) is null;
        }
        catch (Exception e) when (e is FailureException or IOException or UnauthorizedAccessException)
        {
            return false; // a link out of the folder, or one that may not be looked at: what is behind it is not known
        }
    }
}
