using NasSync.Config;
using NasSync.Files;
using NasSync.Ledgers;

namespace NasSync.Transfers;

/// <summary>
/// Removes failures from the ledger whose manifest is gone, since no run could ever clear them. A manifest counts as gone only if the outputs folder
/// is proven to be the right one and does not contain it. A manifest elsewhere, on a folder that is not mounted, or in one that may not be read does
/// not count. In a shared ledger a failure may concern another machine's folder, so nothing is removed there.
/// </summary>
internal sealed class GoneJobs(SyncConfig config, Ledger ledger, TimeProvider time, OutputsPlace.Identify? identify)
{
    private const int NamesAtMost = 3;

    /// <summary>The failures whose manifest is gone.</summary>
    /// <param name="outputs">The outputs folder, proven to be the right one.</param>
    /// <exception cref="FailureException">The folder went away meanwhile.</exception>
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

        // Check at the end that the handle and the path still lead to the proven folder.
        outputs.RequireStillThere(identify);
        return root.IsStillThere() ? gone : [];
    }

    /// <summary>Removes them if the outputs folder can be proven to be the right one; otherwise does nothing.</summary>
    /// <returns>The notice for people; null when nothing was removed.</returns>
    public Notice? Forget()
    {
        try
        {
            // An idle watching run does not touch the folder.
            if (config.OutputsDir is not { } path || !ledger.Failures().Any(failure => failure.ManifestPath is { } manifest && MayBeGone(manifest)))
                return null;
            return OutputsPlace.Of(new SyncRequest { Paths = [path] }, config, ledger, time, identify) is { } outputs ? Forget(Find(outputs)) : null;
        }
        catch (Exception e) when (e is FailureException or IOException or UnauthorizedAccessException)
        {
            return null; // the folder cannot be read now; a later run tries again
        }
    }

    /// <summary>Removes the given failures.</summary>
    public Notice? Forget(IReadOnlyList<RecordedFailure> gone)
    {
        ledger.ForgetFailures([.. gone.Select(failure => failure.Id)]);
        return Tell(gone, "forgotten");
    }

    /// <summary>The notice about them; null when there are none.</summary>
    public static Notice? Tell(IReadOnlyList<RecordedFailure> gone, string what)
    {
        if (gone.Count == 0) return null;
        var manifests = gone.Select(failure => failure.ManifestPath!).Distinct(StringComparer.Ordinal).ToList();
        var named = string.Join(", ", manifests.Take(NamesAtMost))
            + (manifests.Count > NamesAtMost ? $" and {manifests.Count - NamesAtMost} more" : "");
        var (failures, their) = gone.Count == 1 ? ("A failure is", "its") : ($"{gone.Count} failures are", "their");
        return new Notice(
            "FailuresForgotten",
            $"{failures} {what}, because {their} {(manifests.Count == 1 ? "manifest is" : "manifests are")} gone: {named}.",
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
            return false; // a link out of the folder, or one that may not be read: its target is unknown
        }
    }
}
