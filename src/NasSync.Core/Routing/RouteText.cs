using NasSync.Templates;

namespace NasSync.Routing;

/// <summary>What <c>to</c> and <c>as</c> have in common.</summary>
internal static class RouteText
{
    /// <summary>Parses a template.</summary>
    /// <exception cref="RouteProblemException">The text is not a valid template.</exception>
    public static PathTemplate Parse(string key, string text)
    {
        if (PathTemplate.TryParse(text, out var template, out var problem)) return template;
        throw new RouteProblemException($"`{key}: {text}` has a mistake at character {problem.Offset + 1}", problem.Message);
    }

    /// <summary>Fills in the placeholders; the result as a whole is not safe yet.</summary>
    public static string Fill(IReadOnlyList<Segment> segments, PlaceholderValues values)
    {
        if (segments.Count == 1) return Fill(segments[0], values);
        var parts = new string[segments.Count];
        for (var i = 0; i < parts.Length; i++) parts[i] = Fill(segments[i], values);
        return string.Concat(parts);
    }

    /// <summary>Refuses literal text with characters that no path may contain.</summary>
    public static void RefuseUnsafe(string key, string text, string literal)
    {
        if (literal.Contains('\\')) throw Wrong(key, text, "contains a backslash", "Write '/' between folders.");
        if (literal.Any(char.IsControl)) throw Wrong(key, text, "contains a control character", "Remove it.");
    }

    /// <summary>The exception for an invalid text.</summary>
    public static RouteProblemException Wrong(string key, string text, string why, string hint) => new($"`{key}: {text}` {why}", hint);

    private static string Fill(Segment segment, PlaceholderValues values) => segment switch
    {
        Literal literal => literal.Text,
        Placeholder placeholder => values.Of(placeholder),
        _ => throw new InvalidOperationException($"Unknown segment {segment}."),
    };
}
