using NasSync.Ledgers;

namespace NasSync.Destinations;

/// <summary>
/// Names of recorded copies that look like NasSync's own temporary names. Older versions allowed such names for artifacts, so the file may be
/// someone's only copy. No sweep removes a file with such a name, in any folder. The ledger is queried once, at the first file to remove.
/// </summary>
internal sealed class KeptNames(Ledger? ledger)
{
    private readonly Lazy<HashSet<string>> _names =
        new(() => [.. (ledger?.PathsWithReservedNames() ?? []).SelectMany(path => path.Components).Select(Folded)]);

    /// <summary>No names: for a place without a ledger.</summary>
    public static KeptNames None { get; } = new(null);

    /// <summary>Whether a recorded copy, or a folder above one, has this name.</summary>
    /// <exception cref="FailureException">The ledger cannot be read.</exception>
    public bool Holds(string name) => _names.Value.Contains(Folded(name));

    private static string Folded(string name) => UnicodeText.Fold(name);
}
