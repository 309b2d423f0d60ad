namespace NasSync.Config.Reading;

/// <summary>Makes full paths: relative ones start at a folder, <c>~</c> is the home folder.</summary>
internal sealed class PathResolver(string folder, string? home)
{
    public string Folder { get; } = folder;

    public Parsed<string> Full(string text)
    {
        if (text.Length == 0) return Parsed<string>.Wrong("The path is empty; write one or remove the setting.");
        if (StrayText.OfPath(text) is { } stray) return Parsed<string>.Wrong(stray);
        if (Forbidden(text) is { } problem) return Parsed<string>.Wrong(problem);
        if (!IsHome(text)) return Path.TrimEndingDirectorySeparator(Path.GetFullPath(text, Folder));
        return home is null
            ? Parsed<string>.Wrong($"'{text}' needs the home folder, but HOME is not set; write the whole path.")
            : Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Join(home, text[1..])));
    }

    /// <summary>Like <see cref="Full"/>, for a text with placeholders; examines only its beginning.</summary>
    public Parsed<string> FullTemplate(string text)
    {
        if (StrayText.OfPath(text) is { } stray) return Parsed<string>.Wrong(stray);
        if (Forbidden(text) is { } problem) return Parsed<string>.Wrong(problem);
        if (IsHome(text))
        {
            return home is null
                ? Parsed<string>.Wrong($"'{text}' needs the home folder, but HOME is not set; write the whole path.")
                : Escape(home.TrimEnd('/')) + text[1..];
        }

        if (Path.IsPathFullyQualified(text) || text.StartsWith('/')) return text;
        var (start, rest) = (Folder, text);
        for (var steps = true; steps;)
        {
            if (rest is "." or "..") rest += '/';
            if (rest.StartsWith("./", StringComparison.Ordinal)) rest = rest[2..];
            else if (rest.StartsWith("../", StringComparison.Ordinal)) (start, rest) = (Path.GetDirectoryName(start) ?? start, rest[3..]);
            else steps = false;
        }

        return rest.Length == 0 ? Escape(start) : $"{Escape(start.TrimEnd('/'))}/{rest}";
    }

    private static bool IsHome(string text) => text == "~" || text.StartsWith("~/", StringComparison.Ordinal);

    private static string Escape(string path) => path.Replace("${", "$${", StringComparison.Ordinal);

    private static string? Forbidden(string text)
    {
        if (text.Any(char.IsControl)) return "The path contains a control character; remove it.";
        if (OperatingSystem.IsWindows()) return null;
        return text is [var letter, ':', '\\' or '/', ..] && char.IsAsciiLetter(letter)
            ? $"'{text}' is a path of Windows; this machine needs one such as /mnt/nas."
            : null;
    }
}
