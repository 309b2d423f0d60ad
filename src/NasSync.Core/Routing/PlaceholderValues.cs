using System.Globalization;
using System.Text.Json;
using NasSync.Templates;

namespace NasSync.Routing;

/// <summary>
/// The values of placeholders, each safe as part of one path component. A value that is missing, or consists only of spaces and dots, becomes
/// <list type="table">
/// <item><term>artist</term><description><c>Unknown Artist</c></description></item>
/// <item><term>album</term><description><c>Unknown Album</c></description></item>
/// <item><term>title</term><description><c>Untitled</c></description></item>
/// <item><term>ext</term><description>the empty string, for a file without an extension</description></item>
/// <item><term>every other</term><description><c>unknown</c></description></item>
/// </list>
/// </summary>
internal sealed class PlaceholderValues(Manifest manifest, Artifact artifact)
{
    private const int LongestShown = 40;

    /// <summary>The value of a placeholder; any but <c>remoteRoots</c>, which is a path and not part of a name.</summary>
    public string Of(Placeholder placeholder) => SafeName.Part(Raw(placeholder)) ?? Missing(placeholder.Name);

    // A present but unreadable value is an error, not a missing value: a file name with a default would be a guess.
    private string? Raw(Placeholder placeholder) => Value(placeholder) ?? FieldOf(placeholder.Name) switch
    {
        { } field when manifest.UnknownJson.TryGetValue(field, out var odd) => throw Unreadable(placeholder, field, odd),
        { } field when artifact.UnknownJson.TryGetValue(field, out var odd) => throw Unreadable(placeholder, field, odd),
        _ => null,
    };

    private static string? FieldOf(string placeholder) => placeholder switch
    {
        "artist" or "album" or "title" or "label" or "codec" or "container" => placeholder,
        "sourceType" => "source_type",
        Placeholder.ProcessedAt => "processed_at",
        _ => null,
    };

    private static RouteProblemException Unreadable(Placeholder placeholder, string field, JsonElement value)
    {
        var text = value.GetRawText();
        var shown = text.Length > LongestShown ? text[..LongestShown] + "…" : text;
        return new RouteProblemException($"{placeholder} needs `{field}` of the manifest, and {Failure.Quote(shown)} is none",
            $"Correct {field} in the manifest, or take {placeholder} out of the route.", "ManifestField");
    }

    private string? Value(Placeholder placeholder) => placeholder.Name switch
    {
        "artist" => manifest.Artist,
        "album" => manifest.Album,
        "title" => manifest.Title,
        "jobId" => manifest.JobId,
        "sourceType" => manifest.SourceType,
        "kind" => artifact.Kind,
        "variant" => artifact.Variant,
        "label" => artifact.Label,
        "fileName" => artifact.RelativePath.FileName,
        "name" => artifact.RelativePath.Name,
        "ext" => artifact.RelativePath.Extension,
        "codec" => artifact.Codec,
        "container" => artifact.Container,
        Placeholder.ProcessedAt => manifest.ProcessedAt?.ToString(placeholder.Argument, CultureInfo.InvariantCulture),
        _ => throw new InvalidOperationException($"No value is known for the placeholder {placeholder}."),
    };

    private static string Missing(string name) => name switch
    {
        "artist" => "Unknown Artist",
        "album" => "Unknown Album",
        "title" => "Untitled",
        "ext" => "",
        _ => "unknown",
    };
}
