namespace NasSync.Config.Reading;

/// <summary>Parses the size and age at which the log file is rotated; zero means never.</summary>
internal static class LogText
{
    public static Parsed<long> Size(string text)
    {
        var parsed = SizeText.Parse(text);
        return parsed is { Problem: null, Value: 0 } ? parsed : SizeText.Between(Limits.SmallestLog, Limits.LargestLog)(text);
    }

    public static Parsed<TimeSpan> Age(string text)
    {
        var parsed = DurationText.Parse(text);
        return parsed.Problem is null && parsed.Value == TimeSpan.Zero
            ? parsed
            : DurationText.Between(Limits.ShortestLogAge, Limits.LongestLogAge)(text);
    }
}
