namespace NasSync.Manifests;

/// <summary>A place in a text file; both numbers count from 1, and columns count characters, as editors show them.</summary>
internal readonly record struct TextPosition(long Line, long Column)
{
    public static TextPosition Start { get; } = new(1, 1);

    /// <summary>The position after some UTF-8 text that begins here.</summary>
    public TextPosition After(ReadOnlySpan<byte> text)
    {
        var (line, column) = this;
        if (text.LastIndexOf((byte)'\n') is >= 0 and var last)
        {
            line += text[..last].Count((byte)'\n') + 1;
            column = 1;
            text = text[(last + 1)..];
        }

        foreach (var b in text)
            if ((b & 0xC0) != 0x80) column++; // a character is its first byte; the others continue it
        return new TextPosition(line, column);
    }

    public override string ToString() => FormattableString.Invariant($"{Line}:{Column}");
}
