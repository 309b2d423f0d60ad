using NasSync.Templates;

namespace NasSync.Routing;

/// <summary>A route's <c>as</c>, parsed once: a file name without folders.</summary>
internal sealed class NameTemplate
{
    private readonly PathTemplate? _template;

    private NameTemplate(PathTemplate? template) => _template = template;

    /// <summary>Parses the text; null keeps the artifact's own name.</summary>
    /// <exception cref="RouteProblemException">The text is invalid, or contains a folder.</exception>
    public static NameTemplate Read(string? text)
    {
        if (text is null) return new(null);
        var template = RouteText.Parse("as", text);
        foreach (var literal in template.Segments.OfType<Literal>())
        {
            if (literal.Text.Contains('/'))
                throw RouteText.Wrong("as", text, "contains '/', but it is only the file's name", "Put folders into `to`.");
            RouteText.RefuseUnsafe("as", text, literal.Text);
        }

        if (template.Placeholders.FirstOrDefault(p => p.Name == Placeholder.RemoteRoots) is { } root)
            throw RouteText.Wrong("as", text, $"contains {root}, but it is only the file's name", "Put the root into `to`.");
        return new(template);
    }

    /// <summary>The file name for one artifact.</summary>
    public string Expand(PlaceholderValues values, Artifact artifact) =>
        _template is null
            ? SafeName.Defuse(artifact.RelativePath.FileName)
            : SafeName.Component(RouteText.Fill(_template.Segments, values), isFile: true);
}
