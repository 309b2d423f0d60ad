using System.Globalization;
using System.Text.Json;

namespace NasSync.Manifests;

/// <summary>Builds a <see cref="Manifest"/> from the tokens, or reports which field is wrong and where.</summary>
internal sealed class ManifestParser(TokenStream tokens, string path, ManifestLimits limits) : IDisposable
{
    private readonly FieldNames _names = new();
    private readonly FieldReader _field = new(tokens);
    private readonly Oddities _odd = new(path);
    private readonly Dictionary<string, TextPosition> _listedAt = [];
    private readonly UnknownFields _unknownOfManifest = new(limits.MaxDepth);
    private readonly UnknownFields _unknownOfPart = new(limits.MaxDepth);

    public Manifest Parse()
    {
        tokens.Begin();
        tokens.Next();
        var start = tokens.Position;
        string? jobId = null, sourceType = null, artist = null, album = null, title = null;
        DateTimeOffset? processedAt = null;
        IReadOnlyList<Artifact>? artifacts = null;
        YouTubeSource? youtube = null;
        object? generated = null, preserved = null;
        var unknown = Fields(_unknownOfManifest, name =>
        {
            switch (name)
            {
                case "job_id": jobId = JobId(); return true;
                case "source_type": sourceType = _field.LooseText(); return IsPlain();
                case "artist": artist = _field.LooseText(); return IsPlain();
                case "album": album = _field.LooseText(); return IsPlain();
                case "title": title = _field.LooseText(); return IsPlain();
                case "processed_at": processedAt = _field.LooseTime(); return IsPlain();
                case "artifacts": artifacts = Artifacts(); return true;
                case "youtube": return TryYouTube(out youtube);
                case "stems_generated": return TryStems(name, out generated);
                case "stems_preserved": return TryStems(name, out preserved);
                case "schema_version" or "version": CheckVersion(); return false;
                default: return false;
            }
        });
        generated ??= TakeNames(ref unknown, "stems_generated");
        preserved ??= TakeNames(ref unknown, "stems_preserved");
        return new Manifest
        {
            Generation = tokens.End(),
            JobId = jobId ?? throw Missing(start, "job_id"),
            Artifacts = artifacts ?? throw Missing(start, "artifacts"),
            Path = path,
            SourceType = sourceType,
            Artist = artist,
            Album = album,
            Title = title,
            ProcessedAt = processedAt,
            YouTube = youtube,
            StemsGenerated = generated,
            StemsPreserved = preserved,
            UnknownJson = unknown,
            Oddity = _odd.Notice(),
        };
    }

    public void Dispose()
    {
        _unknownOfManifest.Dispose();
        _unknownOfPart.Dispose();
    }

    // The id becomes part of file names, so it must not contain a slash or a control character.
    private string? JobId()
    {
        var id = _field.Word();
        if (id is null) return null;
        if (id.Any(char.IsControl)) throw _field.Invalid("contains a control character");
        return id.AsSpan().IndexOfAny('/', '\\') < 0 ? id : throw _field.Invalid("contains a slash, and it becomes part of file names");
    }

    private void CheckVersion()
    {
        var supported = tokens.Type switch
        {
            JsonTokenType.Null => true,
            JsonTokenType.String => tokens.Text is "1" or "1.0",
            JsonTokenType.Number => double.Parse(tokens.Text, NumberStyles.Float, CultureInfo.InvariantCulture) == 1,
            _ => false,
        };
        if (!supported) throw ManifestFailure.Version(path, tokens.Position, $"{_field.Where} must be 1, not {_field.Found()}");
    }

    private IReadOnlyList<Artifact>? Artifacts()
    {
        if (tokens.Type == JsonTokenType.Null) return null;
        if (tokens.Type != JsonTokenType.StartArray) throw _field.Wrong("a list of artifacts");
        var list = new ArtifactList();
        for (var index = 0; tokens.Next() != JsonTokenType.EndArray; index++)
        {
            if (index >= limits.MaxArtifacts) throw TooLarge($"The manifest lists more than {limits.MaxArtifacts:N0} artifacts");
            _field.Artifact = index;
            list.Add(Artifact(), index, path);
        }

        _field.Artifact = -1;
        return list.Items;
    }

    private (Artifact Artifact, TextPosition At) Artifact()
    {
        var start = tokens.Position;
        var index = _field.Artifact;
        if (tokens.Type != JsonTokenType.StartObject)
            throw tokens.Invalid(FormattableString.Invariant($"artifacts[{index}] must be an object with kind and path"));
        string? kind = null, variant = null, label = null, codec = null, container = null, sha256 = null;
        RelativePath? file = null;
        double? duration = null;
        long? size = null;
        _names.Enter();
        while (NextName() is { } name)
        {
            switch (name)
            {
                case "kind": kind = _field.Word(); break;
                case "variant": variant = _field.Text(); break;
                case "label": label = _field.LooseText(); KeepOdd(name); break;
                case "path": file = FilePath(); break;
                case "codec": codec = _field.LooseText(); KeepOdd(name); break;
                case "container": container = _field.LooseText(); KeepOdd(name); break;
                case "duration_sec": duration = _field.LooseSeconds(); KeepOdd(name); break;
                case "size": size = _field.Size(); break;
                case "sha256": sha256 = _field.Sha256(); break;
                default: Keep(_unknownOfPart, name); break;
            }
        }

        if (kind is null) throw Missing(start, FormattableString.Invariant($"artifacts[{index}].kind"));
        if (file is null) throw Missing(start, FormattableString.Invariant($"artifacts[{index}].path"));
        return (new Artifact(kind, file)
        {
            Variant = variant,
            Label = label,
            Codec = codec,
            Container = container,
            DurationSec = duration,
            Size = size,
            Sha256 = sha256,
            UnknownJson = _unknownOfPart.Take(),
        }, start);
    }

    private RelativePath? FilePath()
    {
        var text = _field.Text();
        if (text is null) return null;
        if (RelativePath.TryParse(text, out var file, out var problem, out var escapes)) return file;
        var what = FormattableString.Invariant($"artifacts[{_field.Artifact}].{problem}");
        throw escapes ? ManifestFailure.Escape(path, tokens.Position, what) : tokens.Invalid(what);
    }

    // Fields that do not matter for copying are accepted as far as possible. An odd value is also kept as written, like an unknown field.
    private bool IsPlain()
    {
        if (_field.Odd is not { } odd) return true;
        _odd.Add(tokens.Position, odd);
        return false;
    }

    private void KeepOdd(string name)
    {
        if (!IsPlain()) Keep(_unknownOfPart, name);
    }

    // A list is first kept as an unknown field and examined when it is complete.
    private bool TryStems(string name, out object? stems)
    {
        stems = null;
        if (tokens.Type == JsonTokenType.StartArray)
        {
            _listedAt[name] = tokens.Position;
            return false;
        }

        stems = _field.LooseFlag();
        return IsPlain();
    }

    private IReadOnlyList<string>? TakeNames(ref IReadOnlyDictionary<string, JsonElement> unknown, string field)
    {
        if (!_listedAt.TryGetValue(field, out var at)) return null;
        var list = unknown[field];
        if (list.EnumerateArray().FirstOrDefault(item => item.ValueKind != JsonValueKind.String) is { ValueKind: not JsonValueKind.Undefined })
        {
            _odd.Add(at, $"{field} must be {FieldReader.FlagOrNames}, and not all of its items are strings");
            return null;
        }

        unknown = unknown.Where(pair => pair.Key != field).ToDictionary(pair => pair.Key, pair => pair.Value);
        return [.. list.EnumerateArray().Select(item => item.GetString()!)];
    }

    private bool TryYouTube(out YouTubeSource? youtube)
    {
        youtube = null;
        if (tokens.Type is JsonTokenType.StartObject or JsonTokenType.Null)
        {
            youtube = YouTube();
            return true;
        }

        _field.Strange(youtube, "an object");
        return IsPlain();
    }

    private YouTubeSource? YouTube()
    {
        if (tokens.Type == JsonTokenType.Null) return null;
        _field.Owner = "youtube.";
        string? id = null, url = null, channel = null, title = null;
        double? duration = null;
        var unknown = Fields(_unknownOfPart, name =>
        {
            switch (name)
            {
                case "video_id": id = _field.LooseText(); return IsPlain();
                case "url": url = _field.LooseText(); return IsPlain();
                case "channel": channel = _field.LooseText(); return IsPlain();
                case "title": title = _field.LooseText(); return IsPlain();
                case "online_duration_sec": duration = _field.LooseSeconds(); return IsPlain();
                default: return false;
            }
        });
        _field.Owner = "";
        return new YouTubeSource { VideoId = id, Url = url, Channel = channel, Title = title, OnlineDurationSec = duration, UnknownJson = unknown };
    }

    // Reads the fields of the current object; those that `read` does not accept are kept as unknown.
    private IReadOnlyDictionary<string, JsonElement> Fields(UnknownFields unknown, Func<string, bool> read)
    {
        _names.Enter();
        while (NextName() is { } name)
            if (!read(name)) Keep(unknown, name);
        return unknown.Take();
    }

    // Advances to the value of the next field of the current object; null at its end.
    private string? NextName()
    {
        if (tokens.Next() == JsonTokenType.EndObject)
        {
            _names.Leave();
            return null;
        }

        var name = TakeName();
        _field.Name = name;
        tokens.Next();
        return name;
    }

    private void Keep(UnknownFields unknown, string name)
    {
        unknown.Name(name);
        var depth = 0;
        while (true)
        {
            unknown.Add(tokens);
            switch (tokens.Type)
            {
                case JsonTokenType.StartObject: _names.Enter(); depth++; break;
                case JsonTokenType.EndObject: _names.Leave(); depth--; break;
                case JsonTokenType.StartArray: depth++; break;
                case JsonTokenType.EndArray: depth--; break;
                case JsonTokenType.PropertyName: TakeName(); break;
                default: break;
            }

            if (depth == 0) return;
            tokens.Next();
        }
    }

    private string TakeName()
    {
        var name = tokens.Text;
        if (_names.Count >= limits.MaxFields) throw TooLarge($"An object has more than {limits.MaxFields:N0} fields");
        if (_names.Add(name)) return name;
        throw tokens.Invalid($"The key {Failure.Quote(name)} is given twice in one object", "Keep one of the two.");
    }

    private FailureException TooLarge(FormattableString what) =>
        ManifestFailure.TooLarge(path, tokens.Position, FormattableString.Invariant(what));

    private FailureException Missing(TextPosition at, string field) =>
        ManifestFailure.Invalid(path, at, $"{field} is missing", $"Add {field} to the manifest.");
}
