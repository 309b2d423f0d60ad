using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using NasSync.Files;
using NasSync.Templates;

namespace NasSync.Destinations;

/// <summary>
/// Part files of interrupted copies that no later run resumed: when one may be removed, and how the removal is counted. The age is measured by the
/// clock of the place, which also dated the files: this machine's clock may be wrong, and a wrong clock must not cause a removal.
/// </summary>
internal static partial class Leftovers
{
    /// <summary>The age without a write after which a leftover may be removed.</summary>
    public static readonly TimeSpan AbandonedAfter = TimeSpan.FromDays(7);
    private static readonly Meter Meter = new("NasSync.Destinations");
    private static readonly Counter<long> Swept = Meter.CreateCounter<long>(
        "nassync.destination.swept",
        null,
        "Leftovers of earlier runs that were removed, or that could not be.");

    /// <summary>Whether NasSync made the name: for a part file, as its check digits show, or for the small file of a probe.</summary>
    public static bool IsPart(string name) => AtomicFile.IsPart(name) || SmallFile().IsMatch(name);

    /// <summary>Whether a part file last written at one time may be removed at another; both in nanoseconds since 1970.</summary>
    public static bool IsAbandoned(long changedNs, long nowNs) => nowNs - changedNs > (long)AbandonedAfter.TotalSeconds * 1_000_000_000;

    /// <summary>A new name for the temporary file that shows the place's clock.</summary>
    public static string ClockName() => NewName("clock");

    /// <summary>A new name for the temporary file of a probe.</summary>
    public static string ProbeName() => NewName("probe");

    /// <summary>Counts leftovers on the meter.</summary>
    /// <param name="place">The bucket or place.</param>
    /// <param name="what">The type of leftover: <c>part</c>, <c>upload</c>, <c>object</c>.</param>
    /// <param name="outcome"><c>removed</c>, or the reason why not.</param>
    /// <param name="number">How many; 0 is not counted.</param>
    public static void Count(KeyValuePair<string, object?> place, string what, string outcome, int number)
    {
        if (number > 0) Swept.Add(number, [place, new("what", what), new("outcome", outcome)]);
    }

    private static string NewName(string use) =>
        $"{ReservedName.Prefix}{use}-{Convert.ToHexString(RandomNumberGenerator.GetBytes(6)).ToLowerInvariant()}{AtomicFile.PartSuffix}";

    // The file of a killed probe or of a killed look at the clock.
    [GeneratedRegex(@"^\.nassync-(probe2?|clock)-[0-9a-f]{12}\" + AtomicFile.PartSuffix + @"\z", RegexOptions.CultureInvariant)]
    private static partial Regex SmallFile();
}
