namespace NasSync.Scheduling;

/// <summary>A systemd unit.</summary>
/// <param name="Name">Its file name, <c>nassync.service</c>.</param>
/// <param name="Text">Its content.</param>
public sealed record UnitFile(string Name, string Text)
{
    /// <summary>What the first line of a unit of ours begins with; a file without it is someone else's and is never touched.</summary>
    public const string Header = "# Written by NasSync.";

    /// <summary>The section, which systemd passes over, in which a unit of ours says what it is.</summary>
    public const string OwnSection = "X-NasSync";

    /// <summary>Whether a text is that of a unit of ours.</summary>
    public static bool IsOurs(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.StartsWith(Header, StringComparison.Ordinal);
    }

    /// <summary>What a unit of ours says of itself under a key; null when it does not.</summary>
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

    /// <summary>Says why units cannot be named so, as a sentence; null when they can.</summary>
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
