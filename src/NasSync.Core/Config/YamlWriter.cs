using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using NasSync.Config.Reading;

namespace NasSync.Config;

/// <summary>Writes YAML that <see cref="ConfigLoader"/> reads back as the same values, with a comment beside each setting.</summary>
internal sealed partial class YamlWriter(IReadOnlyDictionary<string, string>? origins)
{
    private const int CommentColumn = 40;

    private readonly StringBuilder _text = new();
    private int _depth;

    /// <summary>True writes the following lines as comments.</summary>
    public bool AsComment { get; set; }

    public override string ToString() => _text.ToString();

    /// <summary>Opens a mapping or list with a number of entries; an empty one is written on one line and stays closed.</summary>
    public void Begin(string key, int count = 1, bool list = false)
    {
        var empty = list ? "[]" : "{}";
        Line(count == 0 ? $"{key}: {empty}" : $"{key}:", _depth == 0 ? null : Comment(key));
        if (count > 0) _depth++;
    }

    /// <summary>Closes what <see cref="Begin"/> opened.</summary>
    public void End(int count)
    {
        if (count > 0) _depth--;
    }

    public void Setting(string key, object? value, string? setting = null)
    {
        if (value is not null) Line($"{key}: {Value(value)}", Comment(setting ?? key));
        else Line(_depth == 1 ? $"# {key}:" : $"{key}:", $"{Comment(setting ?? key)}, not set".TrimStart(',', ' '));
    }

    public void Setting(string key, params (string Key, object? Value)[] values) =>
        Line($"{key}: {Value(values)}", _depth == 1 ? Comment(key) : Comment($"destinations.{key}", "destinations"));

    public void List(string key, IReadOnlyList<string> values) => Line($"{key}: {Value(values)}", Comment(key));

    /// <summary>Writes a list item that is a mapping, with its first keys; omits keys without a value.</summary>
    public void Item(params (string Key, object? Value)[] values)
    {
        var first = true;
        foreach (var (key, value) in values.Where(HasValue))
        {
            Line($"{(first ? "- " : "  ")}{key}: {Value(value)}", null);
            first = false;
        }
    }

    /// <summary>Writes more keys of the same item.</summary>
    public void More(params (string Key, object? Value)[] values)
    {
        foreach (var (key, value) in values) Line($"  {key}: {Value(value)}", null);
    }

    private static bool HasValue((string Key, object? Value) pair) =>
        pair.Value is not null && (pair.Value is not (string, object?)[] map || map.Any(HasValue));

    private static string Value(object? value) => value switch
    {
        null => "",
        bool flag => flag ? "true" : "false",
        int number => number.ToString(CultureInfo.InvariantCulture),
        TimeSpan span => DurationText.Format(span),
        Uri url => Quote(ShownUrl.InConfig(url)),
        IReadOnlyList<string> texts => $"[{string.Join(", ", texts.Select(Quote))}]",
        (string Key, object? Value)[] map => $"{{ {string.Join(", ", map.Where(HasValue).Select(pair => $"{pair.Key}: {Value(pair.Value)}"))} }}",
        _ => Quote(value.ToString()!),
    };

    // Plain only if no YAML parser could read the text as another type.
    private static string Quote(string text)
    {
        if (PlainRegex().IsMatch(text) && !text.Equals("null", StringComparison.OrdinalIgnoreCase)) return text;
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            if (c is '"' or '\\') quoted.Append('\\').Append(c);
            else if (char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF') quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else quoted.Append(c);
        }

        return quoted.Append('"').ToString();
    }

    private string? Comment(string setting, string? parent = null)
    {
        if (origins is null) return null;
        return origins.TryGetValue(setting, out var origin) || (parent is not null && origins.TryGetValue(parent, out origin)) ? origin : "default";
    }

    private void Line(string text, string? comment)
    {
        text = AsComment ? $"  # {new string(' ', 2 * (_depth - 1))}{text}" : new string(' ', 2 * _depth) + text;
        _text.Append(string.IsNullOrEmpty(comment) ? text : $"{text.PadRight(CommentColumn)} # {comment}").Append('\n');
    }

    [GeneratedRegex("^[A-Za-z0-9/][A-Za-z0-9/._-]*$", RegexOptions.CultureInvariant)]
    private static partial Regex PlainRegex();
}
