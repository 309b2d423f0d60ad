using NasSync.Ledgers;

namespace NasSync.Destinations;

/// <summary>
/// The copies whose names look like ours: older versions let an artifact have such a name, and then it may be somebody's only copy. No sweep
/// removes a file of such a name, wherever it lies. The ledger is asked once, when there is something to remove.
/// </summary>
internal sealed class KeptNames(Ledger? ledger)
{
    private readonly Lazy<HashSet<string>> _names =
        new(() => [.. (ledger?.PathsWithReservedNames() ?? []).SelectMany(path => path.Components).Select(Folded)]);

    /// <summary>Where nothing is recorded.</summary>
    public static KeptNames None { get; } = new(null);

    /// <summary>Whether a copy, or a folder above one, has this name.</summary>
    /// <exception cref="FailureException">The ledger cannot be read.</exception>
    public bool Holds(string name) => _names.Value.Contains(Folded(name));

    private static string Folded(string name) => UnicodeText.Fold(name);
}
