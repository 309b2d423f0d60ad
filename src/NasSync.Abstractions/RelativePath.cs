using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace NasSync;

/// <summary>
/// A path below some root that cannot leave it: never absolute, never empty, no <c>.</c> or <c>..</c> in any encoding, no NUL,
/// no drive, no backslash. Past the parsers it is the only type of path that a manifest, a template or a server can produce.
/// Separators are always <c>/</c>; comparison is ordinal, so names keep the exact characters that were given.
/// </summary>
public sealed class RelativePath : IEquatable<RelativePath>, IComparable<RelativePath>
{
    private readonly string[] _components;

    private RelativePath(string value, string[] components)
    {
        Value = value;
        _components = components;
    }

    /// <summary>The whole path, separated by <c>/</c>.</summary>
    public string Value { get; }

    /// <summary>The path's parts, at least one.</summary>
    public IReadOnlyList<string> Components => _components;

    /// <summary>The last component, with its extension.</summary>
    public string FileName => _components[^1];

    /// <summary>The last component without its extension.</summary>
    public string Name => FileName[..^Extension.Length];

    /// <summary>The extension with its dot, or an empty string. A name that only begins with a dot has none.</summary>
    public string Extension
    {
        get
        {
            var dot = FileName.LastIndexOf('.');
            return dot > 0 ? FileName[dot..] : "";
        }
    }

    /// <summary>The folder part, or null when the path is a single component.</summary>
    public RelativePath? Parent => _components.Length == 1 ? null : FromComponents(_components[..^1]);

    /// <summary>Parses a path as a producer wrote it.</summary>
    /// <exception cref="FormatException">The path could leave its root; the message names it and says why.</exception>
    public static RelativePath Parse(string text) =>
        TryParse(text, out var path, out var problem) ? path : throw new FormatException(problem);

    /// <summary>Parses a path; <paramref name="problem"/> is one sentence that names the path and the reason.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out RelativePath? path, [NotNullWhen(false)] out string? problem) =>
        TryParse(text, out path, out problem, out _);

    /// <summary>Parses a path; <paramref name="escapes"/> tells a refused path that could leave its root from one that is merely malformed.</summary>
    public static bool TryParse(
        string? text, [NotNullWhen(true)] out RelativePath? path, [NotNullWhen(false)] out string? problem, out bool escapes)
    {
        path = null;
        escapes = text is not null && Escapes(text);
        var why = Refuse(text);
        if (why is not null)
        {
            problem = $"path {Quote(text)} {why}";
            return false;
        }

        path = new RelativePath(text!, text!.Split('/'));
        problem = null;
        return true;
    }

    /// <summary>This path followed by another.</summary>
    public RelativePath Combine(RelativePath below)
    {
        ArgumentNullException.ThrowIfNull(below);
        return new RelativePath(Value + "/" + below.Value, [.. _components, .. below._components]);
    }

    /// <summary>The same folder with another file name.</summary>
    /// <exception cref="FormatException">The name is not one safe component.</exception>
    public RelativePath WithFileName(string fileName)
    {
        ArgumentNullException.ThrowIfNull(fileName);
        if (fileName.Contains('/')) throw new FormatException($"file name {Quote(fileName)} contains a separator");
        return Parse(Parent is { } parent ? parent.Value + "/" + fileName : fileName);
    }

    /// <summary>The form by which a case-insensitive or normalizing file system would take two paths for one: NFC, upper case.</summary>
    public string Folded => Value.Normalize(NormalizationForm.FormC).ToUpperInvariant();

    /// <inheritdoc/>
    public bool Equals(RelativePath? other) => other is not null && string.Equals(Value, other.Value, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as RelativePath);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Value);

    /// <inheritdoc/>
    public int CompareTo(RelativePath? other) => string.CompareOrdinal(Value, other?.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;

    /// <summary>Equal values.</summary>
    public static bool operator ==(RelativePath? left, RelativePath? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Different values.</summary>
    public static bool operator !=(RelativePath? left, RelativePath? right) => !(left == right);

    /// <summary>Ordinal order.</summary>
    public static bool operator <(RelativePath left, RelativePath right) => left?.CompareTo(right) < 0;

    /// <summary>Ordinal order.</summary>
    public static bool operator <=(RelativePath left, RelativePath right) => left?.CompareTo(right) <= 0;

    /// <summary>Ordinal order.</summary>
    public static bool operator >(RelativePath left, RelativePath right) => left?.CompareTo(right) > 0;

    /// <summary>Ordinal order.</summary>
    public static bool operator >=(RelativePath left, RelativePath right) => left?.CompareTo(right) >= 0;

    private static RelativePath FromComponents(string[] components) => new(string.Join('/', components), components);

    private static bool Escapes(string text)
    {
        var slashed = text.Replace('\\', '/');
        return slashed.StartsWith('/') || NamesDrive(slashed) || slashed.Split('/').Contains("..") || HidesTraversal(text);
    }

    private static bool NamesDrive(string text) => text.Length >= 2 && text[1] == ':' && char.IsAsciiLetter(text[0]);

    private static string? Refuse(string? text)
    {
        if (string.IsNullOrEmpty(text)) return "is empty";
        if (text.Contains('\0')) return "contains a NUL character";
        if (HasLoneSurrogate(text)) return "is not valid Unicode (a lone surrogate)";
        if (text.Contains('\\')) return "contains a backslash; write '/' between folders";
        if (text[0] == '/') return "is absolute; it must be relative to its folder";
        if (text.Length >= 2 && text[1] == ':' && char.IsAsciiLetter(text[0])) return "names a drive; it must be relative to its folder";
        if (text[^1] == '/') return "ends with '/', so it names a folder and not a file";
        if (text.Contains("//", StringComparison.Ordinal)) return "contains an empty component ('//')";
        foreach (var component in text.Split('/'))
        {
            if (component == ".") return "contains a '.' component";
            if (component == "..") return "contains '..' and could leave its folder";
        }

        return HidesTraversal(text) ? "hides a '..' or '.' component behind an encoding" : null;
    }

    // Some later reader (a web server, an SMB client, a normalizing file system) may decode what we pass on. Only names that decode to a
    // traversal are refused: a full-width slash in a title ("AC／DC") is an ordinary file name.
    private static bool HidesTraversal(string text)
    {
        var current = text;
        for (var round = 0; round < 3; round++)
        {
            var decoded = PercentDecode(current).Normalize(NormalizationForm.FormKC);
            if (string.Equals(decoded, current, StringComparison.Ordinal)) return false;
            foreach (var part in decoded.Split('/', '\\'))
                if (part is "." or "..") return true;
            current = decoded;
        }

        return false;
    }

    // Byte by byte and in Latin-1, so that overlong UTF-8 forms such as %c0%ae are seen as the '.' they are meant to smuggle.
    private static string PercentDecode(string text)
    {
        if (!text.Contains('%')) return text;
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (!TryHex(text, i, out var value))
            {
                result.Append(text[i]);
                continue;
            }

            if (value is 0xC0 or 0xC1 && TryHex(text, i + 3, out var next))
            {
                result.Append((char)(((value & 0x1F) << 6) | (next & 0x3F)));
                i += 5;
                continue;
            }

            if (value == 0xE0 && TryHex(text, i + 3, out var second) && TryHex(text, i + 6, out var third) && second < 0xA0)
            {
                result.Append((char)(((second & 0x3F) << 6) | (third & 0x3F)));
                i += 8;
                continue;
            }

            result.Append((char)value);
            i += 2;
        }

        return result.ToString();

        static bool TryHex(string text, int at, out int value)
        {
            value = 0;
            if (at < 0 || at + 2 > text.Length - 1 || text[at] != '%') return false;
            if (!char.IsAsciiHexDigit(text[at + 1]) || !char.IsAsciiHexDigit(text[at + 2])) return false;
            value = Convert.ToInt32(text.Substring(at + 1, 2), 16);
            return true;
        }
    }

    private static bool HasLoneSurrogate(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 >= text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return true;
            i++;
        }

        return false;
    }

    private static string Quote(string? text)
    {
        if (text is null) return "(null)";
        var shown = new StringBuilder("'");
        foreach (var c in text.Length > 200 ? text[..200] + "…" : text)
            shown.Append(char.IsControl(c) || char.IsSurrogate(c) && text.Length < 3 ? $"\\u{(int)c:x4}" : c.ToString());
        return shown.Append('\'').ToString();
    }
}
