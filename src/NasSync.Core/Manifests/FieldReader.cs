using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace NasSync.Manifests;

/// <summary>Reads the value of the field at hand as the type it must have; a wrong one is refused with its place and its name.</summary>
internal sealed partial class FieldReader(TokenStream tokens)
{
    /// <summary>The field's name.</summary>
    public string Name { get; set; } = "";

    /// <summary>The object the field stands in, with a dot at its end; empty for the manifest itself.</summary>
    public string Owner { get; set; } = "";

    /// <summary>The artifact the field stands in, from 0; -1 outside of artifacts.</summary>
    public int Artifact { get; set; } = -1;

    /// <summary>The field as a person would point at it: <c>artifacts[3].size</c>.</summary>
    public string Where => (Artifact < 0 ? Owner : FormattableString.Invariant($"artifacts[{Artifact}].")) + Name;

    public string? Text() => tokens.Type switch
    {
        JsonTokenType.String => tokens.Text,
        JsonTokenType.Null => null,
        _ => throw Wrong("a string"),
    };

    /// <summary>A string that may not be blank.</summary>
    public string? Word()
    {
        var text = Text();
        return text is null || !string.IsNullOrWhiteSpace(text) ? text : throw Invalid("is empty");
    }

    public double? Seconds()
    {
        if (tokens.Type == JsonTokenType.Null) return null;
        const string Wanted = "a number of seconds, 0 or more";
        if (tokens.Type != JsonTokenType.Number) throw Wrong(Wanted);
        var value = double.Parse(tokens.Text, NumberStyles.Float, CultureInfo.InvariantCulture);
        return value >= 0 && double.IsFinite(value) ? value : throw Wrong(Wanted);
    }

    public long? Size()
    {
        if (tokens.Type == JsonTokenType.Null) return null;
        return tokens.Type == JsonTokenType.Number && long.TryParse(tokens.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw Wrong("a whole number of bytes, 0 or more");
    }

    public string? Sha256()
    {
        var text = Text();
        if (text is null) return null;
        return text.Length == 64 && text.All(char.IsAsciiHexDigit)
            ? text.ToLowerInvariant()
            : throw Invalid("must be a SHA-256: 64 hexadecimal digits");
    }

    public DateTimeOffset? Time()
    {
        var text = Text();
        if (text is null) return null;
        var dotted = text.Replace(',', '.');
        return IsoTime().IsMatch(text)
            && DateTimeOffset.TryParse(dotted, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw Invalid("must be a date and time in ISO 8601, such as 2026-01-31T18:30:00Z");
    }

    /// <summary>A boolean, or a list of strings as <see cref="IReadOnlyList{T}"/>.</summary>
    public object? FlagOrNames()
    {
        const string Wanted = "true, false or a list of strings";
        switch (tokens.Type)
        {
            case JsonTokenType.Null: return null;
            case JsonTokenType.True: return true;
            case JsonTokenType.False: return false;
            case JsonTokenType.StartArray: break;
            default: throw Wrong(Wanted);
        }

        var names = new List<string>();
        while (tokens.Next() != JsonTokenType.EndArray)
            names.Add(tokens.Type == JsonTokenType.String ? tokens.Text : throw Wrong(Wanted));
        return names.AsReadOnly();
    }

    public FailureException Wrong(string wanted) => Invalid($"must be {wanted}, not {Found()}");

    public FailureException Invalid(string what) => tokens.Invalid($"{Where} {what}");

    /// <summary>What stands here instead, for a message: a number as it is, and of everything else the kind.</summary>
    public string Found() => tokens.Type switch
    {
        JsonTokenType.String => "a string",
        JsonTokenType.Number => tokens.Raw.Length > 40 ? "a longer number" : tokens.Text,
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        JsonTokenType.Null => "null",
        JsonTokenType.StartArray => "a list",
        _ => "an object",
    };

    private const string Date = "[0-9]{4}-[0-9]{2}-[0-9]{2}";
    private const string Clock = "[0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,12})?)?";
    private const string Zone = "([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)";

    [GeneratedRegex($@"\A{Date}([Tt ]{Clock}{Zone}?)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex IsoTime();
}
