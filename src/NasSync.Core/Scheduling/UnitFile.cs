namespace NasSync.Scheduling;

/// <summary>A systemd unit.</summary>
/// <param name="Name">Its file name, <c>nassync.service</c>.</param>
/// <param name="Text">Its content.</param>
public sealed record UnitFile(string Name, string Text)
{
    /// <summary>The beginning of the first line of every unit that NasSync wrote; a file without it is never touched.</summary>
    public const string Header = "# Written by NasSync.";

    /// <summary>A section that systemd ignores, in which NasSync stores what a unit is for.</summary>
    public const string OwnSection = "X-NasSync";

    /// <summary>Whether NasSync wrote a unit.</summary>
    public static bool IsOurs(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.StartsWith(Header, StringComparison.Ordinal);
    }

    /// <summary>A value of the unit's own section; null when the key is missing.</summary>
    public static string? Own(string text, string key)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Split('\n')
            .SkipWhile(line => line != $"[{OwnSection}]")
            .Skip(1)
            .TakeWhile(line => !line.StartsWith('['))
            .FirstOrDefault(line => line.StartsWith($"{key}=", StringComparison.Ordinal))?[(key.Length + 1)..]
            .Replace("%%", "%", StringComparison.Ordinal);
    }

    /// <summary>Why a name is unusable for units, as a sentence; null when it is usable.</summary>
    public static string? ProblemOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length is > 0 and <= 200
            && char.IsAsciiLetterOrDigit(name[0])
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            ? null
            : $"{Failure.Quote(name)} is no name of a unit: begin with a letter or digit, then letters, digits, '-', '_' and '.', at most 200.";
    }
}
