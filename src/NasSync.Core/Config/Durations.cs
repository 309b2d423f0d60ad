using NasSync.Config.Reading;

namespace NasSync.Config;

/// <summary>
/// Time spans in the words of the configuration, for others that speak them: <c>250ms</c>, <c>5s</c>, <c>15m</c>, <c>1h</c>, <c>1d</c>.
/// </summary>
public static class Durations
{
    /// <summary>Reads one; the second value is what is wrong with it, as a sentence.</summary>
    public static (TimeSpan Value, string? Problem) Parse(string text)
    {
        var parsed = DurationText.Parse(text);
        return (parsed.Problem is null ? parsed.Value : TimeSpan.Zero, parsed.Problem);
    }

    /// <summary>In the largest unit that says it exactly.</summary>
    public static string Format(TimeSpan value) => DurationText.Format(value);
}
