using NasSync.Config;
using NasSync.Watching;

namespace NasSync.Transfers;

/// <summary>One manifest of a run: its path, and what the caller has already read and decided of it.</summary>
internal sealed record ManifestSource(string Path, Manifest? Manifest = null, IReadOnlyList<RouteDecision>? Decisions = null)
{
    /// <summary>The code of the failure when a request names nothing and no outputs folder is configured.</summary>
    public const string OutputsUnsetCode = "OutputsDirUnset";

    /// <summary>Why a path of the request cannot be read; null when it can.</summary>
    public Failure? Missing { get; private init; }

    /// <summary>
    /// Why a path of the request, which is valid, has nothing to do; null when there is a manifest, or a failure.
    /// </summary>
    public Notice? Empty { get; private init; }

    /// <summary>The manifest; it is read now unless the caller has read it.</summary>
    /// <param name="followLinks">Whether the job folder may be a link.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="FailureException">It cannot be read, or is no valid manifest.</exception>
    public Manifest Read(bool followLinks, CancellationToken cancellationToken)
    {
        if (Missing is not null) throw new FailureException(Missing);
        return Manifest is null
            ? ManifestFile.Read(Path, followLinks, cancellationToken: cancellationToken)
            : ManifestFile.Require(Manifest, followLinks);
    }

    /// <summary>As <see cref="Read(bool, CancellationToken)"/>, with the current state of all its sources; opens the folder only once.</summary>
    public (Manifest Manifest, FileState?[] Sources) ReadWithSources(bool followLinks, bool refuseHardLinks, CancellationToken cancellationToken)
    {
        if (Manifest is not null || Missing is not null)
        {
            var manifest = Read(followLinks, cancellationToken);
            return (manifest, SourceFolder.LookAtAll(manifest, refuseHardLinks));
        }

        using var folder = JobFolder.Open(Path, followLinks);
        var read = folder.Read(limits: null, cancellationToken);
        return (read, SourceFolder.LookAtAll(folder, read, refuseHardLinks));
    }

    /// <summary>All manifests of a request, each once, searched for lazily.</summary>
    /// <exception cref="FailureException">The request names nothing and the configuration has no outputs folder.</exception>
    public static IEnumerable<ManifestSource> Of(SyncRequest request, SyncConfig config)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        if (request.Repair is { } repair)
        {
            foreach (var path in RepairScope.Manifests(repair)) yield return new ManifestSource(path);
            yield break;
        }

        foreach (var group in Grouped(request.Decisions))
            if (seen.Add(group[0].Manifest.Path)) yield return new ManifestSource(group[0].Manifest.Path, group[0].Manifest, group);
        foreach (var manifest in request.Manifests)
            if (seen.Add(manifest.Path)) yield return new ManifestSource(manifest.Path, manifest);
        foreach (var source in Paths(request, config).SelectMany(path => Below(path, isNamed: request.Paths.Count > 0)))
            if (seen.Add(source.Path)) yield return source;
    }

    // A mistyped path, or a folder that cannot be listed, is one failure; the other paths are synced.
    private static IEnumerable<ManifestSource> Below(string path, bool isNamed)
    {
        IEnumerator<string>? found = null;
        var notices = new Queue<Notice>();
        var isEmpty = true;
        try
        {
            while (Next() is { } source)
            {
                isEmpty = false;
                while (notices.TryDequeue(out var notice)) yield return new ManifestSource($"{path}: {notice.Code}") { Empty = notice };
                yield return source;
                if (source.Missing is not null) yield break;
            }

            while (notices.TryDequeue(out var notice)) yield return new ManifestSource($"{path}: {notice.Code}") { Empty = notice };

            // A folder that the user named should contain something; the configured outputs folder may well be empty.
            if (isEmpty && isNamed) yield return new ManifestSource(path) { Empty = ManifestFinder.NothingIn(path) };
        }
        finally
        {
            found?.Dispose();
        }

        ManifestSource? Next()
        {
            try
            {
                found ??= ManifestFinder.Find(path, tell: notices.Enqueue).GetEnumerator();
                return found.MoveNext() ? new ManifestSource(found.Current) : null;
            }
            catch (FailureException e)
            {
                return new ManifestSource(path) { Missing = e.Failure };
            }
        }
    }

    private static IReadOnlyList<string> Paths(SyncRequest request, SyncConfig config)
    {
        if (request.Failures.Count > 0 && request.Failures.All(failure => failure.ManifestPath is not null))
            return [.. request.Failures.Select(failure => failure.ManifestPath!).Distinct(StringComparer.Ordinal)];
        // A failure recorded by an older version has only the job's id; the job may be anywhere in the outputs folder.
        if (request.Paths.Count > 0 || request.Manifests.Count > 0 || request.Decisions.Count > 0) return request.Paths;
        return [config.OutputsDir ?? throw new FailureException(new Failure(
            FailureClass.Config,
            OutputsUnsetCode,
            "No path was given, and the configuration names no outputs folder.",
            "Set nasSync.outputsDir or OUTPUTS_DIR, or name a manifest, a job folder or an outputs folder."))];
    }

    // A pipeline may mix the decisions of several manifests. They are grouped by manifest, because only one common plan detects collisions.
    private static IEnumerable<IReadOnlyList<RouteDecision>> Grouped(IReadOnlyList<RouteDecision> decisions) =>
        decisions.GroupBy(decision => decision.Manifest.Path, StringComparer.Ordinal).Select(group => group.ToList());
}
