using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace NasSync.Templates;

/// <summary>
/// A text with placeholders, such as <c>${remoteRoots.audio}/${artist}</c>. It only parses the text: the caller that expands it makes the values safe
/// as path components. <c>$${</c> stands for a literal <c>${</c>; a <c>$</c> without a brace is a dollar sign.
/// </summary>
public sealed class PathTemplate
{
    private PathTemplate(string text, IReadOnlyList<Segment> segments) => (Text, Segments) = (text, segments);

    /// <summary>The text as it was given.</summary>
    public string Text { get; }

    /// <summary>The parts in order; no two literals are adjacent.</summary>
    public IReadOnlyList<Segment> Segments { get; }

    /// <summary>The placeholders in order.</summary>
    public IEnumerable<Placeholder> Placeholders => Segments.OfType<Placeholder>();

    /// <summary>Parses a template; false with the first problem when the text is invalid.</summary>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out PathTemplate? template, [NotNullWhen(false)] out TemplateProblem? problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        template = null;
        var segments = new List<Segment>();
        var literal = new StringBuilder();
        for (var at = 0; at < text.Length;)
        {
            if (string.CompareOrdinal(text, at, "$${", 0, 3) == 0)
            {
                literal.Append("${");
                at += 3;
            }
            else if (string.CompareOrdinal(text, at, "${", 0, 2) == 0)
            {
                if (!TryParsePlaceholder(text, at, out var placeholder, out var length, out problem)) return false;
                Flush();
                segments.Add(placeholder);
                at += length;
            }
            else
            {
                literal.Append(text[at++]);
            }
        }

        Flush();
        problem = LoneMinutes(text, segments);
        if (problem is not null) return false;
        template = new PathTemplate(text, segments);
        return true;

        void Flush()
        {
            if (literal.Length > 0) segments.Add(new Literal(literal.ToString()));
            literal.Clear();
        }
    }

    /// <summary>The text with every placeholder replaced by its value; null counts as empty.</summary>
    public string Expand(Func<Placeholder, string?> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return string.Concat(Segments.Select(segment => segment switch
        {
            Literal literal => literal.Text,
            Placeholder placeholder => value(placeholder) ?? "",
            _ => throw new InvalidOperationException($"Unknown segment {segment}."),
        }));
    }

    /// <summary>Same as <see cref="Text"/>.</summary>
    public override string ToString() => Text;

    // Minutes may have a placeholder of their own if another one contains the hour.
    private static TemplateProblem? LoneMinutes(string text, List<Segment> segments)
    {
        var dates = segments.OfType<Placeholder>().Where(placeholder => placeholder.Name == Placeholder.ProcessedAt).ToList();
        if (dates.Exists(date => DateFormat.TellsHour(date.Argument!))) return null;
        if (dates.Find(date => DateFormat.TellsOnlyMinutes(date.Argument!)) is not { } minutes) return null;
        return new(text.IndexOf(minutes.ToString(), StringComparison.Ordinal), DateFormat.NoMonth(minutes.Argument!));
    }

    private static bool TryParsePlaceholder(
        string text,
        int start,
        [NotNullWhen(true)] out Placeholder? placeholder,
        out int length,
        [NotNullWhen(false)] out TemplateProblem? problem)
    {
        placeholder = null;
        length = 0;
        var inside = start + 2;
        var end = text.IndexOf('}', inside);
        var next = text.IndexOf("${", inside, StringComparison.Ordinal);
        if (end < 0 || (next >= 0 && next < end))
        {
            problem = new(start, "'${' is not closed; add '}', or write '$${' for a literal '${'.");
            return false;
        }

        length = end + 1 - start;
        var body = text[inside..end];
        var split = body.AsSpan().IndexOfAny('.', ':');
        var name = split < 0 ? body : body[..split];
        var separator = split < 0 ? '\0' : body[split];
        var argument = split < 0 ? null : body[(split + 1)..];
        problem = Check(start, name, separator, argument);
        if (problem is not null) return false;
        if (name == Placeholder.ProcessedAt) argument ??= Placeholder.DefaultDateFormat;
        placeholder = new(name, argument);
        return true;
    }

    private static TemplateProblem? Check(int start, string name, char separator, string? argument)
    {
        const int afterBrace = 2;
        var atArgument = start + afterBrace + name.Length;
        if (name.Length == 0) return new(start, "A placeholder has no name; write for example '${artist}'.");
        if (!Placeholder.Known.Contains(name))
            return new(start + afterBrace, $"There is no placeholder '{name}'; {NearestName.Cure(name, Placeholder.Known)}");
        switch (name)
        {
            case Placeholder.RemoteRoots when separator != '.' || string.IsNullOrEmpty(argument):
                return new(atArgument, "'remoteRoots' needs a key; write for example '${remoteRoots.audio}'.");
            case Placeholder.RemoteRoots:
                return Placeholder.IsKey(argument!)
                    ? null
                    : new(atArgument + 1, $"'{argument}' cannot be a key of remoteRoots; use letters, digits, '_' and '-' only.");
            case Placeholder.ProcessedAt when separator == ':':
                return DateFormat.Check(atArgument + 1, argument!);
            default:
                if (separator == ':') return new(atArgument, $"'{name}' takes no format; remove ':{argument}'.");
                return separator == '.' ? new(atArgument, $"'{name}' has no parts; remove '.{argument}'.") : null;
        }
    }
}
