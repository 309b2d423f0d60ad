namespace NasSync.PowerShell.Pipeline;

/// <summary>Percentage, rate and time left, computed from the bytes and time so far.</summary>
internal static class ProgressMath
{
    /// <summary>The progress line for a number of bytes sent and planned.</summary>
    public static ProgressLine Line(string fileName, long sent, long planned, TimeSpan elapsed)
    {
        var percent = planned > 0 ? (int)Math.Clamp(sent * 100.0 / planned, 0, 100) : -1;
        var remaining = sent > 0 && planned >= sent ? (int)Math.Min(elapsed.TotalSeconds * (planned - sent) / sent, int.MaxValue) : -1;
        var rate = sent > 0 && elapsed > TimeSpan.Zero ? $", {Readable.Size((long)(sent / elapsed.TotalSeconds))}/s" : "";
        return new ProgressLine(fileName, $"{Readable.Size(sent)} of {Readable.Size(planned)}{rate}", percent, remaining);
    }
}
