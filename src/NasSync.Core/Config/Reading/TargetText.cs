namespace NasSync.Config.Reading;

/// <summary>An entry of <c>to</c> taken apart: <c>name:path</c>, or a plain path. One letter before the colon is a drive, not a name.</summary>
internal readonly record struct TargetText(string? Destination, string Path)
{
    public static TargetText Split(string text)
    {
        var end = text.AsSpan().IndexOfAny(":/\\");
        var placeholder = text.IndexOf("${", StringComparison.Ordinal);
        return end < 2 || text[end] != ':' || (placeholder >= 0 && placeholder < end) ? new(null, text) : new(text[..end].Trim(), text[(end + 1)..]);
    }
}
