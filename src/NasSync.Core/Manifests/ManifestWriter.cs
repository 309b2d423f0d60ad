using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace NasSync.Manifests;

/// <summary>
/// Writes a manifest in the producers' format: indented UTF-8 without a byte order mark, including unknown fields, without null fields.
/// </summary>
public static class ManifestWriter
{
    private static readonly JsonWriterOptions Options = new()
    {
        Indented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // keeps names readable; the file is not embedded in HTML
    };

    /// <summary>
    /// Writes a manifest to a stream, which stays open. Reading it back gives an equal manifest except for <see cref="Manifest.Path"/> and
    /// <see cref="Manifest.Generation"/>, which the file does not contain.
    /// </summary>
    /// <exception cref="ArgumentException">The stems are neither a boolean nor strings, a number is not finite, or a string is not valid
    /// Unicode.</exception>
    public static void Write(Stream stream, Manifest manifest)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(manifest);
        using var json = new Utf8JsonWriter(stream, Options);
        json.WriteStartObject();
        json.WriteString("job_id", manifest.JobId);
        WriteText(json, "source_type", manifest.SourceType, manifest.UnknownJson);
        WriteText(json, "artist", manifest.Artist, manifest.UnknownJson);
        WriteText(json, "album", manifest.Album, manifest.UnknownJson);
        WriteText(json, "title", manifest.Title, manifest.UnknownJson);
        WriteText(json, "processed_at", Iso(manifest.ProcessedAt), manifest.UnknownJson);
        json.WriteStartArray("artifacts");
        foreach (var artifact in manifest.Artifacts) WriteArtifact(json, artifact);
        json.WriteEndArray();
        if (manifest.YouTube is { } youtube) WriteYouTube(json, youtube);
        WriteStems(json, "stems_generated", manifest.StemsGenerated);
        WriteStems(json, "stems_preserved", manifest.StemsPreserved);
        WriteUnknown(json, manifest.UnknownJson);
        json.WriteEndObject();
        json.Flush();
    }

    private static void WriteArtifact(Utf8JsonWriter json, Artifact artifact)
    {
        json.WriteStartObject();
        json.WriteString("kind", artifact.Kind);
        WriteText(json, "variant", artifact.Variant, artifact.UnknownJson);
        WriteText(json, "label", artifact.Label, artifact.UnknownJson);
        json.WriteString("path", artifact.Path);
        WriteText(json, "codec", artifact.Codec, artifact.UnknownJson);
        WriteText(json, "container", artifact.Container, artifact.UnknownJson);
        if (artifact.DurationSec is { } duration && !artifact.UnknownJson.ContainsKey("duration_sec")) json.WriteNumber("duration_sec", duration);
        if (artifact.Size is { } size) json.WriteNumber("size", size);
        WriteText(json, "sha256", artifact.Sha256, artifact.UnknownJson);
        WriteUnknown(json, artifact.UnknownJson);
        json.WriteEndObject();
    }

    private static void WriteYouTube(Utf8JsonWriter json, YouTubeSource youtube)
    {
        json.WriteStartObject("youtube");
        WriteText(json, "video_id", youtube.VideoId, youtube.UnknownJson);
        WriteText(json, "url", youtube.Url, youtube.UnknownJson);
        WriteText(json, "channel", youtube.Channel, youtube.UnknownJson);
        WriteText(json, "title", youtube.Title, youtube.UnknownJson);
        if (youtube.OnlineDurationSec is { } duration && !youtube.UnknownJson.ContainsKey("online_duration_sec"))
            json.WriteNumber("online_duration_sec", duration);
        WriteUnknown(json, youtube.UnknownJson);
        json.WriteEndObject();
    }

    private static void WriteStems(Utf8JsonWriter json, string name, object? stems)
    {
        switch (stems)
        {
            case null:
                break;
            case bool flag:
                json.WriteBoolean(name, flag);
                break;
            case IEnumerable<string> names:
                json.WriteStartArray(name);
                foreach (var stem in names) json.WriteStringValue(stem);
                json.WriteEndArray();
                break;
            default:
                throw new ArgumentException($"{name} must be a boolean or strings, not {stems.GetType().Name}");
        }
    }

    // An odd value is written from the unknown fields, as it was read.
    private static void WriteText(Utf8JsonWriter json, string name, string? value, IReadOnlyDictionary<string, JsonElement> unknown)
    {
        if (value is not null && !unknown.ContainsKey(name)) json.WriteString(name, value);
    }

    private static void WriteUnknown(Utf8JsonWriter json, IReadOnlyDictionary<string, JsonElement> unknown)
    {
        foreach (var (name, value) in unknown)
        {
            json.WritePropertyName(name);
            value.WriteTo(json);
        }
    }

    private static string? Iso(DateTimeOffset? time) => time is not { } t
        ? null
        : t.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF" + (t.Offset == TimeSpan.Zero ? "'Z'" : "zzz"), CultureInfo.InvariantCulture);
}
