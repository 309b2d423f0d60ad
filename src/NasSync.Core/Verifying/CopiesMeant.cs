using NasSync.Config;
using NasSync.Ledgers;

namespace NasSync.Verifying;

/// <summary>The copies of the ledger that a request means: those that stand. They are read page by page, as often as they are asked for.</summary>
/// <param name="config">Says which destinations are folders of this machine.</param>
/// <param name="ledger">The ledger.</param>
/// <param name="request">What is meant.</param>
/// <param name="jobs">The jobs that alone are meant; null: all.</param>
/// <param name="isMeant">Which of their copies; it is asked only where jobs are named.</param>
internal sealed class CopiesMeant(
    SyncConfig config,
    Ledger ledger,
    VerifyRequest request,
    IReadOnlyCollection<string>? jobs,
    Func<RecordedCopy, bool> isMeant)
{
    private readonly HashSet<string> _found = new(StringComparer.Ordinal);

    /// <summary>The folders that the request names and at or below which no copy lies, of any job; known once the copies were counted.</summary>
    public IEnumerable<string> Unfound =>
        request.Destinations.Where(name => Path.IsPathFullyQualified(name) && !_found.Contains(name) && (jobs is null || !HasAny(name)));

    /// <summary>The copies, in an order that stays while nothing is recorded.</summary>
    public IEnumerable<RecordedCopy> All()
    {
        var copies = jobs is null
            ? ledger.Copies()
            : jobs.SelectMany(job => ledger.OfJob(job).OrderBy(
                copy => copy.Requested.Key,
                StringComparer.Ordinal).ThenBy(copy => copy.Artifact, StringComparer.Ordinal));
        return copies.Where(copy => copy.SupersededBy is null && IsMeant(copy.Target) && isMeant(copy));
    }

    /// <summary>How many they are, and their size.</summary>
    public (long Copies, long Bytes) Count()
    {
        if (jobs is null)
        {
            // Of a place that lies above a folder that is named, only some copies are meant; they are counted one by one.
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
        // The root of a file system ends with the separator, and no other folder does.
        var outer = folder.TrimEnd('/');
        return path.TrimEnd('/') == outer || path.StartsWith(outer + '/', StringComparison.Ordinal);
    }

    private bool IsMeant(Target target) => request.Destinations.Count == 0 || IsMeant(target.Destination, target.Root, FullPath(target));

    // Each name that means the place, or the copy, is found by it, and not the first alone.
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

    // A destination's name, or the full path of a folder: that means what is at it or below it, however the destination there is called.
    private bool Means(string name, string destination, string root, string path) =>
        string.Equals(name, destination, StringComparison.OrdinalIgnoreCase)
            || Path.IsPathFullyQualified(name) && IsHere(destination, root) && IsWithin(path, name);

    private bool IsPartOf(string name, string destination, string root) =>
        Path.IsPathFullyQualified(name) && IsHere(destination, root) && IsWithin(name, root) && !IsWithin(root, name);

    private bool HasAny(string folder) => ledger.Copies()
        .Any(copy => copy.SupersededBy is null && Means(folder, copy.Target.Destination, copy.Target.Root, FullPath(copy.Target)));

    // The root of a server's destination may look like a full path, too.
    private bool IsHere(string destination, string root) => Path.IsPathFullyQualified(root) && (destination == Target.LocalName
        || config.Destinations.GetValueOrDefault(destination) is LocalDestinationConfig or RsyncDestinationConfig);

    private static string FullPath(Target target) => $"{target.Root.TrimEnd('/')}/{target.Path}";
}
