using NasSync.Templates;

namespace NasSync.Routing;

/// <summary>One component of a template's path. Literal text of the administrator is used as it is; text from a manifest is made safe.</summary>
internal sealed class FolderTemplate
{
    private readonly IReadOnlyList<Segment> _parts;

    private FolderTemplate(IReadOnlyList<Segment> parts) => _parts = parts;

    /// <summary>Splits a template at its slashes; drops empty components and <c>.</c>.</summary>
    /// <exception cref="RouteProblemException">A literal component is not a safe name, for example <c>..</c>.</exception>
    public static IReadOnlyList<FolderTemplate> Split(string text, IReadOnlyList<Segment> segments)
    {
        var folders = new List<FolderTemplate>();
        var parts = new List<Segment>();
        foreach (var segment in segments)
        {
            if (segment is not Literal literal)
            {
                parts.Add(segment);
                continue;
            }

            RouteText.RefuseUnsafe("to", text, literal.Text);
            var pieces = literal.Text.Split('/');
            for (var i = 0; i < pieces.Length; i++)
            {
                if (i > 0) End();
                if (pieces[i].Length > 0) parts.Add(new Literal(pieces[i]));
            }
        }

        End();
        return folders;

        void End()
        {
            if (parts is [Literal { Text: not "." } only] && !RelativePath.TryParse(only.Text, out _, out var problem))
                throw RouteText.Wrong("to", text, $"has a folder that cannot be: {problem}", "Write the folder without it.");
            if (parts.Count > 0 && parts is not [Literal { Text: "." }]) folders.Add(new([.. parts]));
            parts.Clear();
        }
    }

    /// <summary>The component's name for one artifact.</summary>
    public string Expand(PlaceholderValues values) =>
        _parts is [Literal literal] ? literal.Text : SafeName.Component(RouteText.Fill(_parts, values), isFile: false);
}
