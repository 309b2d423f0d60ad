using NasSync.Ledgers;

namespace NasSync.Verifying;

/// <summary>The copies of the ledger that a request means: those that stand. They are read page by page, as often as they are asked for.</summary>
/// <param name="ledger">The ledger.</param>
/// <param name="request">What is meant.</param>
/// <param name="jobs">The jobs that alone are meant; null: all.</param>
/// <param name="isMeant">Which of their copies; it is asked only where jobs are named.</param>
internal sealed class CopiesMeant(Ledger ledger, VerifyRequest request, IReadOnlyCollection<string>? jobs, Func<RecordedCopy, bool> isMeant)
{
    private readonly HashSet<string> _found = new(StringComparer.Ordinal);

    /// <summary>The folders that the request names and at or below which none of the copies lies; known once they were counted.</summary>
    public IEnumerable<string> Unfound => request.Destinations.Where(name => Path.IsPathFullyQualified(name) && !_found.Contains(name));

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
            var places = ledger.Summary().Where(place => IsMeant(place.Destination, place.Root)).ToList();
            if (!Unfound.Any()) return (places.Sum(place => (long)place.Copies), places.Sum(place => place.Bytes));
        }

        var (copies, bytes) = (0L, 0L);
        foreach (var copy in All()) (copies, bytes) = (copies + 1, bytes + copy.Receipt.Size);
        return (copies, bytes);
    }

    private bool IsMeant(string destination, string root)
    {
        var isMeant = request.Destinations.Count == 0;
        foreach (var name in request.Destinations)
            if (Names(name, destination, root)) isMeant = Found(name);
        return isMeant;
    }

    // A folder within a place means what lies below it there. Each name that means the copy is found by it, and not the first alone.
    private bool IsMeant(Target target)
    {
        var isMeant = IsMeant(target.Destination, target.Root);
        foreach (var name in request.Destinations)
            if (target.Destination == Target.LocalName && Path.IsPathFullyQualified(name) && IsBelow(name, target)) isMeant = Found(name);
        return isMeant;
    }

    private static bool IsBelow(string folder, Target target) =>
        target.Display.StartsWith(Path.TrimEndingDirectorySeparator(folder) + "/", StringComparison.Ordinal);

    private bool Found(string name)
    {
        _found.Add(name);
        return true;
    }

    /// <summary>
    /// Whether a name, or a folder's full path, means a place: a destination of that name, or a folder of this machine at or below it.
    /// </summary>
    public static bool Names(string name, string destination, string root)
    {
        if (string.Equals(name, destination, StringComparison.OrdinalIgnoreCase)) return true;
        if (destination != Target.LocalName || !Path.IsPathFullyQualified(name)) return false;
        var folder = Path.TrimEndingDirectorySeparator(name);
        return root == folder || root.StartsWith(folder + "/", StringComparison.Ordinal);
    }
}
