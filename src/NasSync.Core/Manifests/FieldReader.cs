using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace NasSync.Manifests;

/// <summary>Reads the value of the current field as its required type; a wrong type is refused with its position and name.</summary>
internal sealed partial class FieldReader(TokenStream tokens)
{
    /// <summary>The field's name.</summary>
    public string Name { get; set; } = "";

    /// <summary>The object that contains the field, with a trailing dot; empty for the manifest itself.</summary>
    public string Owner { get; set; } = "";

    /// <summary>The index of the artifact that contains the field, from 0; -1 outside of artifacts.</summary>
    public int Artifact { get; set; } = -1;

    /// <summary>The full name of the field: <c>artifacts[3].size</c>.</summary>
    public string Where => (Artifact < 0 ? Owner : FormattableString.Invariant($"artifacts[{Artifact}].")) + Name;

    public string? Text() => tokens.Type switch
    {
        JsonTokenType.String => tokens.Text,
        JsonTokenType.Null => null,
        _ => throw Wrong("a string"),
    };

    /// <summary>What is wrong with the value that one of the Loose… methods read last and accepted anyway; null when nothing is.</summary>
    public string? Odd { get; private set; }

    /// <summary>A string. A number is accepted as written, any other type counts as missing; both set <see cref="Odd"/>.</summary>
    public string? LooseText() => tokens.Type switch
    {
        JsonTokenType.String => Plain(tokens.Text),
        JsonTokenType.Null => Plain<string?>(null),
        JsonTokenType.Number => Strange(tokens.Text, "a string"),
        _ => Strange<string?>(null, "a string"),
    };

    /// <summary>Seconds. A number in quotes is accepted, anything else counts as missing; both set <see cref="Odd"/>.</summary>
    public double? LooseSeconds()
    {
        const string wanted = "a number of seconds, 0 or more";
        if (tokens.Type == JsonTokenType.Null) return Plain<double?>(null);
        if (tokens.Type is not (JsonTokenType.Number or JsonTokenType.String)) return Strange<double?>(null, wanted);
        var isNumber = double.TryParse(tokens.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && value >= 0
            && double.IsFinite(value);
        if (!isNumber) return Strange<double?>(null, wanted);
        return tokens.Type == JsonTokenType.Number ? Plain<double?>(value) : Strange<double?>(value, wanted);
    }

    /// <summary>A time. The basic format of ISO 8601 is accepted, anything else counts as missing; both set <see cref="Odd"/>.</summary>
    public DateTimeOffset? LooseTime()
    {
        const string wanted = "a date and time in ISO 8601, such as 2026-01-31T18:30:00Z";
        if (tokens.Type == JsonTokenType.Null) return Plain<DateTimeOffset?>(null);
        if (tokens.Type != JsonTokenType.String) return Strange<DateTimeOffset?>(null, wanted);
        if (IsoTime().IsMatch(tokens.Text))
            return Parse(tokens.Text) is { } time ? Plain<DateTimeOffset?>(time) : Strange<DateTimeOffset?>(null, wanted);
        var basic = BasicTime().Match(tokens.Text.Trim());
        return Strange(basic.Success ? Parse(Extended(basic)) : Parse(tokens.Text.Trim()), wanted);

        static DateTimeOffset? Parse(string text) =>
            IsoTime().IsMatch(text)
                && DateTimeOffset.TryParse(text.Replace(',', '.'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                ? time
                : null;
    }

    /// <summary>A boolean. Anything else counts as missing and sets <see cref="Odd"/>.</summary>
    public object? LooseFlag() => tokens.Type switch
    {
        JsonTokenType.Null => Plain<object?>(null),
        JsonTokenType.True or JsonTokenType.False => Plain<object?>(tokens.Type == JsonTokenType.True),
        _ => Strange<object?>(null, FlagOrNames),
    };

    /// <summary>Sets <see cref="Odd"/> to a description of the current value.</summary>
    public T Strange<T>(T value, string wanted)
    {
        Odd = $"{Where} must be {wanted}, not {Found()}";
        return value;
    }

    private T Plain<T>(T value)
    {
        Odd = null;
        return value;
    }

    private static string Extended(Match basic)
    {
        var (date, clock) = (basic.Groups["date"].Value, basic.Groups["clock"].Value);
        var day = $"{date[..4]}-{date[4..6]}-{date[6..]}";
        if (clock.Length == 0) return day;
        var seconds = clock.Length > 4 ? ":" + clock[4..] : "";
        return $"{day}T{clock[..2]}:{clock[2..4]}{seconds}{basic.Groups["part"].Value}{basic.Groups["zone"].Value}";
    }

    /// <summary>A string that may not be blank.</summary>
    public string? Word()
    {
        var text = Text();
        return text is null || !string.IsNullOrWhiteSpace(text) ? text : throw Invalid("is empty");
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

    public FailureException Wrong(string wanted) => Invalid($"must be {wanted}, not {Found()}");

    public FailureException Invalid(string what) => tokens.Invalid($"{Where} {what}");

    /// <summary>The current value for a message: a number as written, otherwise only the type.</summary>
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

    /// <summary>The allowed values of the stems fields.</summary>
    public const string FlagOrNames = "true, false or a list of strings";

    private const string Date = "[0-9]{4}-[0-9]{2}-[0-9]{2}";
    private const string Clock = "[0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,12})?)?";
    private const string Zone = "([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)";

    [GeneratedRegex($@"\A{Date}([Tt ]{Clock}{Zone}?)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex IsoTime();

    [GeneratedRegex(
        @"\A(?<date>[0-9]{8})(T(?<clock>[0-9]{4}([0-9]{2})?)(?<part>[.,][0-9]{1,12})?(?<zone>Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?\z",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex BasicTime();
}
