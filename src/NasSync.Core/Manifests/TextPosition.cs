namespace NasSync.Manifests;

/// <summary>A position in a text file, from 1:1; columns count characters, as editors do.</summary>
internal readonly record struct TextPosition(long Line, long Column)
{
    public static TextPosition Start { get; } = new(1, 1);

    /// <summary>The position after a UTF-8 text that begins here.</summary>
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
            if ((b & 0xC0) != 0x80) column++; // do not count continuation bytes
        return new TextPosition(line, column);
    }

    public override string ToString() => FormattableString.Invariant($"{Line}:{Column}");
}
