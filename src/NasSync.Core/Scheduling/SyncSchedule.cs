using System.Globalization;
using NasSync.Config;

namespace NasSync.Scheduling;

/// <summary>When a sync is started.</summary>
public abstract record SyncSchedule
{
    private SyncSchedule()
    {
    }

    /// <summary>The shortest and the longest interval that the Task Scheduler's schema allows (repetitionType, Interval).</summary>
    public static readonly TimeSpan ShortestInterval = TimeSpan.FromMinutes(1), LongestInterval = TimeSpan.FromDays(31);

    /// <summary>The maximum random delay of each start, so that many hosts do not contact one NAS at the same time. Default zero.</summary>
    public TimeSpan RandomDelay { get; init; }

    /// <summary>Repeats at an interval, which counts from the last start on Windows and from the last end with systemd.</summary>
    /// <param name="Interval">From one minute to 31 days.</param>
    public sealed record Every(TimeSpan Interval) : SyncSchedule
    {
        /// <inheritdoc/>
        public override string ToString() => $"every {Duration(Interval)}";
    }

    /// <summary>Each day at these local times; runs that were missed while the machine was off are made up for.</summary>
    /// <param name="Times">At least one.</param>
    public sealed record DailyAt(IReadOnlyList<TimeOnly> Times) : SyncSchedule
    {
        /// <inheritdoc/>
        public override string ToString() => $"daily at {string.Join(", ", Times.Select(Clock))}";
    }

    /// <summary>Once after the machine has started.</summary>
    public sealed record AtStartup : SyncSchedule
    {
        /// <inheritdoc/>
        public override string ToString() => "at startup";
    }

    /// <summary>Once, when the account logs on.</summary>
    public sealed record AtLogOn : SyncSchedule
    {
        /// <inheritdoc/>
        public override string ToString() => "at logon";
    }

    /// <summary>Parses an interval (<c>15m</c>, <c>2h</c>) or times of day (<c>02:30</c>, <c>02:30,14:30</c>).</summary>
    /// <param name="text">The text.</param>
    /// <param name="schedule">The schedule; null when there is a problem.</param>
    /// <returns>The mistake, as a sentence; null when there is none.</returns>
    public static string? Parse(string text, out SyncSchedule? schedule)
    {
        ArgumentNullException.ThrowIfNull(text);
        schedule = null;
        if (text.Contains(':', StringComparison.Ordinal))
        {
            var times = new List<TimeOnly>();
            foreach (var word in text.Split(',', StringSplitOptions.TrimEntries))
            {
                if (!TimeOnly.TryParseExact(
                    word,
                    ["H:mm", "HH:mm", "H:mm:ss", "HH:mm:ss"],
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.None,
                    out var time))
                    return $"'{word}' is no time of day; write for example 02:30.";
                times.Add(time);
            }

            schedule = new DailyAt([.. times.Distinct().Order()]);
            return null;
        }

        var (interval, problem) = Durations.Parse(text);
        if (problem is not null) return problem;
        if (interval < ShortestInterval || interval > LongestInterval)
            return $"'{text}' is {Words(interval)}, which is out of range; write an interval from {Duration(ShortestInterval)} to "
                + $"{Duration(LongestInterval)} with its unit, such as 15m or 2h.";
        schedule = new Every(interval);
        return null;
    }

    // A plain number is seconds, which few expect of a schedule.
    private static string Words(TimeSpan interval) =>
        interval < ShortestInterval ? string.Create(CultureInfo.InvariantCulture, $"{interval.TotalSeconds:0.###} seconds") : Duration(interval);

    internal static string Clock(TimeOnly time) => time.ToString(time.Second == 0 ? "HH:mm" : "HH:mm:ss", CultureInfo.InvariantCulture);

    private protected static string Duration(TimeSpan time) => Durations.Format(time);
}
