using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using NasSync.Files;
using NasSync.Templates;

namespace NasSync.Destinations;

/// <summary>
/// Part files of copies that broke off and that nobody took up again: when one may be removed, and how that is told. Age is counted by the
/// clock of the place itself, the one that dated them: this machine's may be wrong, and no file is removed for that.
/// </summary>
internal static partial class Leftovers
{
    /// <summary>Not taken up for so long, a leftover may go.</summary>
    public static readonly TimeSpan AbandonedAfter = TimeSpan.FromDays(7);
    private static readonly Meter Meter = new("NasSync.Destinations");
    private static readonly Counter<long> Swept = Meter.CreateCounter<long>(
        "nassync.destination.swept",
        null,
        "Leftovers of earlier runs that were removed, or that could not be.");

    /// <summary>Whether a name is one that was made here: that of a part file, by its digits, or that of a small file of a probe.</summary>
    public static bool IsPart(string name) => AtomicFile.IsPart(name) || SmallFile().IsMatch(name);

    /// <summary>Whether a part that was last written at one time may be removed at another; both in nanoseconds since 1970.</summary>
    public static bool IsAbandoned(long changedNs, long nowNs) => nowNs - changedNs > (long)AbandonedAfter.TotalSeconds * 1_000_000_000;

    /// <summary>A new name for a file that is made to see what time it is at the place, and removed again.</summary>
    public static string ClockName() => NewName("clock");

    /// <summary>A new name for a file by which a place is tried out, and that is removed again.</summary>
    public static string ProbeName() => NewName("probe");

    /// <summary>Tells what became of some.</summary>
    /// <param name="place">The bucket or place.</param>
    /// <param name="what">What kind of leftover: <c>part</c>, <c>upload</c>, <c>object</c>.</param>
    /// <param name="outcome"><c>removed</c>, or why not.</param>
    /// <param name="number">How many; 0 is not told.</param>
    public static void Count(KeyValuePair<string, object?> place, string what, string outcome, int number)
    {
        if (number > 0) Swept.Add(number, [place, new("what", what), new("outcome", outcome)]);
    }

    private static string NewName(string use) =>
        $"{ReservedName.Prefix}{use}-{Convert.ToHexString(RandomNumberGenerator.GetBytes(6)).ToLowerInvariant()}{AtomicFile.PartSuffix}";

    // A probe or a look at the clock that was killed.
    [GeneratedRegex(@"^\.nassync-(probe2?|clock)-[0-9a-f]{12}\" + AtomicFile.PartSuffix + @"\z", RegexOptions.CultureInvariant)]
    private static partial Regex SmallFile();
}
