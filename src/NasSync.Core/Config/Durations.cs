using NasSync.Config.Reading;

namespace NasSync.Config;

/// <summary>
/// Converts time spans in the notation of the configuration (<c>250ms</c>, <c>5s</c>, <c>15m</c>, <c>1h</c>, <c>1d</c>), for use elsewhere.
/// </summary>
public static class Durations
{
    /// <summary>Parses a duration; the second value describes the mistake in a sentence, or is null.</summary>
    public static (TimeSpan Value, string? Problem) Parse(string text)
    {
        var parsed = DurationText.Parse(text);
        return (parsed.Problem is null ? parsed.Value : TimeSpan.Zero, parsed.Problem);
    }

    /// <summary>Formats a duration in the largest unit that represents it exactly.</summary>
    public static string Format(TimeSpan value) => DurationText.Format(value);
}
