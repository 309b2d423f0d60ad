namespace NasSync.Config.Reading;

/// <summary>When a log file is set aside, as people write it: a size or an age, of which zero is never.</summary>
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
