namespace NasSync.Templates;

/// <summary>Suggests the known name that an unknown one was probably meant to be.</summary>
public static class NearestName
{
    private const int LongestName = 64;

    /// <summary>
    /// The known name that is closest to <paramref name="name"/> by typing errors (missing, extra, wrong and swapped letters), ignoring case,
    /// <c>_</c> and <c>-</c>; null when none is close enough. The first of several equally close ones.
    /// </summary>
    public static string? Of(string name, IEnumerable<string> known)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(known);
        if (name.Length > LongestName) return null;
        var wanted = Fold(name);
        string? best = null;
        var bestDistance = int.MaxValue;
        foreach (var candidate in known)
        {
            if (candidate.Length > LongestName) continue;
            var folded = Fold(candidate);
            var distance = Distance(wanted, folded);
            if (distance >= bestDistance || !IsNear(wanted, folded, distance)) continue;
            best = candidate;
            bestDistance = distance;
        }

        return best;
    }

    /// <summary>The end of a sentence about an unknown name: <c>did you mean 'x'?</c>, or a list of the known names.</summary>
    public static string Cure(string name, IEnumerable<string> known)
    {
        var names = known.ToList();
        if (Of(name, names) is { } nearest) return $"did you mean '{nearest}'?";
        return names.Count switch
        {
            0 => "there are none.",
            1 => $"the only one is {names[0]}.",
            _ => $"known are {string.Join(", ", names.Take(names.Count - 1))} and {names[^1]}.",
        };
    }

    // A third of the letters may be wrong; a prefix of at least three letters matches as well ("remote" for "remoteRoots").
    private static bool IsNear(string wanted, string candidate, int distance) =>
        distance <= Math.Max(1, Math.Max(wanted.Length, candidate.Length) / 3)
        || (wanted.Length >= 3 && candidate.StartsWith(wanted, StringComparison.Ordinal));

    private static string Fold(string name) =>
        name.ToUpperInvariant().Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);

    // Optimal string alignment: Levenshtein distance that counts two swapped neighbours as one error.
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) rows[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) rows[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                var best = Math.Min(Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1), rows[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) best = Math.Min(best, rows[i - 2, j - 2] + 1);
                rows[i, j] = best;
            }
        }

        return rows[a.Length, b.Length];
    }
}
