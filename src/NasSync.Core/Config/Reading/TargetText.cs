namespace NasSync.Config.Reading;

/// <summary>The parts of an entry of <c>to</c>: <c>name:path</c>, or a plain path. A single letter before the colon is a drive, not a name.</summary>
internal readonly record struct TargetText(string? Destination, string Path)
{
    public static TargetText Split(string text)
    {
        var end = text.AsSpan().IndexOfAny(":/\\");
        var placeholder = text.IndexOf("${", StringComparison.Ordinal);
        return end < 2 || text[end] != ':' || (placeholder >= 0 && placeholder < end) ? new(null, text) : new(text[..end].Trim(), text[(end + 1)..]);
    }
}
