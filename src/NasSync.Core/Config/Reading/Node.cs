namespace NasSync.Config.Reading;

/// <summary>A value of a YAML or JSON text, with its position.</summary>
internal abstract record Node(Place Place)
{
    /// <summary>A description for messages: <c>a single value</c>, <c>a list</c>, <c>a mapping</c>.</summary>
    public abstract string Kind { get; }
}

/// <summary>A single value. <paramref name="Raw"/> is its source text with quotes and escapes.</summary>
internal sealed record ScalarNode(Place Place, string Value, string Raw) : Node(Place)
{
    public override string Kind => "a single value";

    /// <summary>Whether the value is empty, <c>~</c> or <c>null</c> without quotes: the setting counts as not set.</summary>
    public bool IsNull => Raw is "" or "~" or "null" or "Null" or "NULL";

    /// <summary>The position of a character of the value; the start when the source spans lines, where offsets do not match.</summary>
    public Place At(int offset)
    {
        if (Raw.Contains('\n')) return Place;
        var quote = Raw is ['\'' or '"', ..] ? Raw[0] : '\0';
        var at = quote == '\0' ? 0 : 1;
        for (var i = 0; i < offset && at < Raw.Length; i++) at += Step(quote, at);
        return Place with { Column = Place.Column + Math.Min(at, Raw.Length) };
    }

    // The number of source characters that form the character at this index.
    private int Step(char quote, int at) => (quote, Raw[at]) switch
    {
        ('\'', '\'') => 2,
        ('"', '\\') when at + 1 < Raw.Length => Raw[at + 1] switch { 'x' => 4, 'u' => 6, 'U' => 10, _ => 2 },
        _ => 1,
    };
}

internal sealed record ListNode(Place Place, IReadOnlyList<Node> Items) : Node(Place)
{
    public override string Kind => "a list";
}

/// <summary>Entries in order, without duplicate keys.</summary>
internal sealed record MapNode(Place Place, IReadOnlyList<MapEntry> Entries) : Node(Place)
{
    public override string Kind => "a mapping";
}

internal sealed record MapEntry(string Key, Place KeyPlace, Node Value);
