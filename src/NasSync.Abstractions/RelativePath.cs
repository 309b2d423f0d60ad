using System.Diagnostics.CodeAnalysis;

namespace NasSync;

/// <summary>
/// A path below some root that cannot leave it: never absolute, never empty, no <c>.</c> or <c>..</c> in any encoding, no NUL, no drive, no
/// backslash. Past the parsers it is the only type of path that a manifest, a template or a server can produce. Separators are always <c>/</c>;
/// comparison is ordinal, so names keep their exact characters.
/// </summary>
public sealed class RelativePath : IEquatable<RelativePath>, IComparable<RelativePath>
{
    // Linux's limit for one path. A longer path names nothing, and would make every check slow.
    private const int MaxLength = 4096;

    // Split on demand: most paths are only compared and shown.
    private string[]? _components;

    private RelativePath(string value) => Value = value;

    /// <summary>The whole path, separated by <c>/</c>.</summary>
    public string Value { get; }

    /// <summary>The components of the path, at least one.</summary>
    public IReadOnlyList<string> Components => Split();

    /// <summary>The last component, with its extension.</summary>
    public string FileName => Value.Contains('/') ? Split()[^1] : Value;

    /// <summary>The last component without its extension.</summary>
    public string Name => FileName[..^Extension.Length];

    /// <summary>The extension with its dot, or an empty string. A name whose only dots are leading ones has none.</summary>
    public string Extension
    {
        get
        {
            var dot = FileName.LastIndexOf('.');
            return FileName.AsSpan(0, Math.Max(dot, 0)).Trim('.').IsEmpty ? "" : FileName[dot..];
        }
    }

    /// <summary>The folder part, or null when the path is a single component.</summary>
    public RelativePath? Parent => Value.LastIndexOf('/') is > 0 and var slash ? new(Value[..slash]) : null;

    /// <summary>Parses a path as a producer wrote it.</summary>
    /// <exception cref="FormatException">The path could leave its root; the message names it and says why.</exception>
    public static RelativePath Parse(string text) =>
        TryParse(text, out var path, out var problem) ? path : throw new FormatException(problem);

    /// <summary>Parses a path; <paramref name="problem"/> is one sentence that names the path and the reason.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out RelativePath? path, [NotNullWhen(false)] out string? problem) =>
        TryParse(text, out path, out problem, out _);

    /// <summary>Parses a path; <paramref name="escapes"/> tells whether a refused path could leave its root or is merely malformed.</summary>
    public static bool TryParse(
        string? text, [NotNullWhen(true)] out RelativePath? path, [NotNullWhen(false)] out string? problem, out bool escapes)
    {
        path = null;
        escapes = false;
        if (IsPlain(text) || Refuse(text) is not { } refusal)
        {
            path = new RelativePath(text!);
            problem = null;
            return true;
        }

        escapes = refusal.Escapes;
        problem = $"path {Failure.Quote(text)} {refusal.Why}";
        return false;
    }

    /// <summary>This path followed by another.</summary>
    public RelativePath Combine(RelativePath below)
    {
        ArgumentNullException.ThrowIfNull(below);
        return new RelativePath(Value + "/" + below.Value);
    }

    /// <summary>The same folder with another file name.</summary>
    /// <exception cref="FormatException">The name is not one safe component.</exception>
    public RelativePath WithFileName(string fileName)
    {
        ArgumentNullException.ThrowIfNull(fileName);
        if (fileName.Contains('/')) throw new FormatException($"file name {Failure.Quote(fileName)} contains a separator");
        return Parse(Parent is { } parent ? parent.Value + "/" + fileName : fileName);
    }

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

    /// <summary>Whether the values are equal.</summary>
    public static bool operator ==(RelativePath? left, RelativePath? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether the values differ.</summary>
    public static bool operator !=(RelativePath? left, RelativePath? right) => !(left == right);

    /// <summary>Ordinal order.</summary>
    public static bool operator <(RelativePath left, RelativePath right) => left?.CompareTo(right) < 0;

    /// <summary>Ordinal order.</summary>
    public static bool operator <=(RelativePath left, RelativePath right) => left?.CompareTo(right) <= 0;

    /// <summary>Ordinal order.</summary>
    public static bool operator >(RelativePath left, RelativePath right) => left?.CompareTo(right) > 0;

    /// <summary>Ordinal order.</summary>
    public static bool operator >=(RelativePath left, RelativePath right) => left?.CompareTo(right) >= 0;

    private string[] Split() => _components ??= Value.Split('/');

    /// <summary>True for <c>C:</c> and paths below it; on Windows also for <c>C:x</c>, which is relative to that drive's current folder.</summary>
    internal static bool NamesDrive(string text) =>
        text is [var letter, ':', ..] && char.IsAsciiLetter(letter) && (OperatingSystem.IsWindows() || text.Length == 2 || text[2] is '/' or '\\');

    // The fast path for nearly every path: only characters that no reader decodes to others, and in each component one other than dot and space.
    private static bool IsPlain([NotNullWhen(true)] string? text)
    {
        if (text is null or [] or [_, ':', ..] || text.Length > MaxLength) return false;
        var names = false;
        foreach (var c in text)
        {
            if (c == '/')
            {
                if (!names) return false;
                names = false;
            }
            else if (c is < ' ' or > '~' or '\\' or '%')
            {
                return false;
            }
            else if (c is not ('.' or ' '))
            {
                names = true;
            }
        }

        return names;
    }

    // Checks for escapes come first, so that an attack is never reported as a mere mistake.
    private static (string Why, bool Escapes)? Refuse(string? text)
    {
        if (string.IsNullOrEmpty(text)) return ("is empty", false);
        var components = text.Split('/', '\\');
        if (components[0].Length == 0) return ("is absolute; it must be relative to its folder", true);
        if (NamesDrive(text)) return ("names a drive; it must be relative to its folder", true);
        if (components.Contains("..")) return ("contains '..' and could leave its folder", true);
        if (text.Length > MaxLength) return ($"is longer than {MaxLength} characters", false);
        if (text.Contains('\0')) return ("contains a NUL character", false);
        if (HasLoneSurrogate(text)) return ("is not valid Unicode (a lone surrogate)", false);
        if (text.Contains('\\')) return ("contains a backslash; write '/' between folders", false);
        if (text[^1] == '/') return ("ends with '/', so it names a folder and not a file", false);
        if (components.Contains("")) return ("contains an empty component ('//')", false);
        if (components.Contains(".")) return ("contains a '.' component", false);
        return HiddenTraversal.IsIn(text) ? ("hides a '..', a '.' or a root behind an encoding", true) : null;
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
}
