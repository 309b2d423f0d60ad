namespace NasSync.Templates;

/// <summary>A part of a <see cref="PathTemplate"/>: a <see cref="Literal"/> or a <see cref="Placeholder"/>.</summary>
public abstract record Segment
{
    private protected Segment()
    {
    }
}

/// <summary>Literal text.</summary>
/// <param name="Text">The text, with <c>$${</c> already replaced by <c>${</c>; never empty.</param>
public sealed record Literal(string Text) : Segment;

/// <summary>A placeholder for a value.</summary>
/// <param name="Name">One of <see cref="Known"/>, in that spelling.</param>
/// <param name="Argument">The key for <c>remoteRoots</c>, the date format for <c>processedAt</c>, else null.</param>
public sealed record Placeholder(string Name, string? Argument) : Segment
{
    /// <summary>The only placeholder that takes a key; its value may be a path of several components.</summary>
    public const string RemoteRoots = "remoteRoots";

    /// <summary>The only placeholder that takes a format.</summary>
    public const string ProcessedAt = "processedAt";

    /// <summary>The format of <c>${processedAt}</c> when none is given.</summary>
    public const string DefaultDateFormat = "yyyy-MM-dd";

    /// <summary>All names, in the order of the documentation.</summary>
    public static IReadOnlyList<string> Known { get; } =
    [
        RemoteRoots, "artist", "album", "title", "jobId", "sourceType", "kind", "variant", "label", "fileName", "name", "ext", "codec",
        "container", ProcessedAt,
    ];

    /// <summary>Whether a text can be a key of <c>remoteRoots</c>: ASCII letters, digits, <c>_</c> and <c>-</c>.</summary>
    public static bool IsKey(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
    }

    /// <summary>The placeholder as written in a template.</summary>
    public override string ToString() => Name switch
    {
        RemoteRoots => $"${{{Name}.{Argument}}}",
        ProcessedAt when Argument != DefaultDateFormat => $"${{{Name}:{Argument}}}",
        _ => $"${{{Name}}}",
    };
}
