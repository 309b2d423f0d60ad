using NasSync.Config;
using NasSync.Ledgers;

namespace NasSync.Verifying;

/// <summary>The current copies in the ledger that a request selects. Each enumeration reads them again, page by page.</summary>
/// <param name="config">Tells which destinations are local folders.</param>
/// <param name="ledger">The ledger.</param>
/// <param name="request">The request.</param>
/// <param name="jobs">The only jobs to select; null selects all.</param>
/// <param name="isMeant">Selects copies of these jobs; called only if jobs are given.</param>
internal sealed class CopiesMeant(
    SyncConfig config,
    Ledger ledger,
    VerifyRequest request,
    IReadOnlyCollection<string>? jobs,
    Func<RecordedCopy, bool> isMeant)
{
    private readonly HashSet<string> _found = new(StringComparer.Ordinal);

    /// <summary>The folders of the request without any copy at or below them, of any job; complete once the copies were counted.</summary>
    public IEnumerable<string> Unfound =>
        request.Destinations.Where(name => Path.IsPathFullyQualified(name) && !_found.Contains(name) && (jobs is null || !HasAny(name)));

    /// <summary>The copies, in an order that is the same each time unless something is recorded meanwhile.</summary>
    public IEnumerable<RecordedCopy> All()
    {
        var copies = jobs is null
            ? ledger.Copies()
            : jobs.SelectMany(job => ledger.OfJob(job).OrderBy(
                copy => copy.Requested.Key,
                StringComparer.Ordinal).ThenBy(copy => copy.Artifact, StringComparer.Ordinal));
        return copies.Where(copy => copy.SupersededBy is null && IsMeant(copy.Target) && isMeant(copy));
    }

    /// <summary>The number of the copies and their total size.</summary>
    public (long Copies, long Bytes) Count()
    {
        if (jobs is null)
        {
            // If the request names a folder inside a place, only some of the place's copies are selected, and they are counted one by one below.
            var places = ledger.Summary();
            if (!places.Any(place => request.Destinations.Any(name => IsPartOf(name, place.Destination, place.Root))))
            {
                var meant = places.Where(place => IsMeant(place.Destination, place.Root, place.Root)).ToList();
                return (meant.Sum(place => (long)place.Copies), meant.Sum(place => place.Bytes));
            }
        }

        var (copies, bytes) = (0L, 0L);
        foreach (var copy in All()) (copies, bytes) = (copies + 1, bytes + copy.Receipt.Size);
        return (copies, bytes);
    }

    /// <summary>Whether a path is a folder or lies below it.</summary>
    public static bool IsWithin(string path, string folder)
    {
        // Only the root of a file system ends with a separator.
        var outer = folder.TrimEnd('/');
        return path.TrimEnd('/') == outer || path.StartsWith(outer + '/', StringComparison.Ordinal);
    }

    private bool IsMeant(Target target) => request.Destinations.Count == 0 || IsMeant(target.Destination, target.Root, FullPath(target));

    // Marks every name that matches the place or the copy as found, not only the first.
    private bool IsMeant(string destination, string root, string path)
    {
        var isMeant = request.Destinations.Count == 0;
        foreach (var name in request.Destinations)
        {
            if (!Means(name, destination, root, path)) continue;
            _found.Add(name);
            isMeant = true;
        }

        return isMeant;
    }

    // A name is a destination's name, or the full path of a folder. A folder selects the copies at or below it, whatever the destination is called.
    private bool Means(string name, string destination, string root, string path) =>
        string.Equals(name, destination, StringComparison.OrdinalIgnoreCase)
            || Path.IsPathFullyQualified(name) && IsHere(destination, root) && IsWithin(path, name);

    private bool IsPartOf(string name, string destination, string root) =>
        Path.IsPathFullyQualified(name) && IsHere(destination, root) && IsWithin(name, root) && !IsWithin(root, name);

    private bool HasAny(string folder) => ledger.Copies()
        .Any(copy => copy.SupersededBy is null && Means(folder, copy.Target.Destination, copy.Target.Root, FullPath(copy.Target)));

    // The root of a server's destination may look like a local path, so only local destinations count.
    private bool IsHere(string destination, string root) => Path.IsPathFullyQualified(root) && (destination == Target.LocalName
        || config.Destinations.GetValueOrDefault(destination) is LocalDestinationConfig or RsyncDestinationConfig);

    private static string FullPath(Target target) => $"{target.Root.TrimEnd('/')}/{target.Path}";
}
