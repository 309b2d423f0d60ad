using NasSync.Files;

namespace NasSync.Service.Commands;

/// <summary>
/// Reads a file of variables in systemd's format (systemd.exec(5), EnvironmentFile), as far as the configuration needs it: no values over several
/// lines.
/// </summary>
internal static class EnvironmentLines
{
    /// <summary>The variables of a file; none when the file does not exist, because it may be created later.</summary>
    public static IEnumerable<(string Name, string Value)> Read(string? file)
    {
        if (file is null || !File.Exists(file)) yield break;
        using var reader = new StreamReader(NamedFile.OpenRead(file));
        while (reader.ReadLine()?.Trim() is { } line)
        {
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && line[0] is not ('#' or ';')) yield return (line[..equals].TrimEnd(), Unquoted(line[(equals + 1)..].Trim()));
        }
    }

    private static string Unquoted(string value) => value.Length >= 2 && value[0] is '"' or '\'' && value[^1] == value[0] ? value[1..^1] : value;
}
