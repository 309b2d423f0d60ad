using NasSync.Templates;

namespace NasSync.Ledgers;

/// <summary>Messages about a job name that the ledger does not know.</summary>
public static class UnknownJob
{
    private const int NamesAtMost = 5;

    /// <summary>Nothing is known of the job; suggests the nearest name, or lists some known jobs.</summary>
    /// <param name="job">The name that was given.</param>
    /// <param name="known">The jobs that the ledger knows.</param>
    public static string Nothing(string job, IReadOnlyCollection<string> known) =>
        $"The ledger knows nothing of a job {Failure.Quote(job)} (case counts): {Instead(job, known)}";

    /// <summary>No copy of the job is recorded; suggests the nearest name, or lists some known jobs.</summary>
    /// <param name="job">The name that was given.</param>
    /// <param name="known">The jobs with recorded copies.</param>
    public static string NoCopy(string job, IReadOnlyCollection<string> known) =>
        $"The ledger has no copy of a job {Failure.Quote(job)} (case counts): {Instead(job, known)}";

    private static string Instead(string job, IReadOnlyCollection<string> known)
    {
        ArgumentNullException.ThrowIfNull(known);
        if (known.Count == 0) return "nothing was copied yet.";
        if (NearestName.Of(job, known) is { } nearest) return $"did you mean {Failure.Quote(nearest)}?";
        var more = known.Count > NamesAtMost ? $" and {known.Count - NamesAtMost} more" : "";
        return $"it knows {string.Join(", ", known.Order(StringComparer.Ordinal).Take(NamesAtMost))}{more}.";
    }
}
