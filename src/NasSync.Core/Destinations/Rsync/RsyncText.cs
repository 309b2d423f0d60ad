using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace NasSync.Destinations.Rsync;

/// <summary>Parses rsync's output in the C locale, which is ASCII; other bytes of a name appear as <c>\#ooo</c>.</summary>
internal static partial class RsyncText
{
    private const int ItemLetters = 11;
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>The real name; null when its bytes are not UTF-8, so that it cannot be one of our paths.</summary>
    public static string? Unescape(string text)
    {
        if (!text.Contains('\\')) return text;
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        var count = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 4 < text.Length && text[i] == '\\' && text[i + 1] == '#' && Octal(text.AsSpan(i + 2, 3)) is { } value)
            {
                bytes[count++] = value;
                i += 4;
            }
            else
            {
                var length = char.IsHighSurrogate(text[i]) && i + 1 < text.Length ? 2 : 1;
                count += Encoding.UTF8.GetBytes(text.AsSpan(i, length), bytes.AsSpan(count));
                i += length - 1;
            }
        }

        try
        {
            return Strict.GetString(bytes, 0, count);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>Parses a line of <c>--out-format='%i %n'</c>; null for any other line.</summary>
    public static ItemLine? Item(string line)
    {
        if (line.Length <= ItemLetters + 1 || line[ItemLetters] != ' ' || !"<>ch.".Contains(line[0], StringComparison.Ordinal)) return null;
        return Unescape(line[(ItemLetters + 1)..]) is { } name ? new ItemLine(line[..ItemLetters], name) : null;
    }

    /// <summary>Parses a line of <c>--list-only</c>; null for any other line.</summary>
    public static ListLine? Listed(string line)
    {
        if (ListPattern().Match(line) is not { Success: true } match || Unescape(match.Groups[4].Value) is not { } name) return null;
        if (!long.TryParse(
            match.Groups[2].Value.Replace(",", "", StringComparison.Ordinal),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var size))
            return null;
        if (!DateTime.TryParseExact(match.Groups[3].Value, "yyyy/MM/dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
            return null;
        var seconds = (time - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond;
        return new ListLine(match.Groups[1].Value[0], new FileState(size, seconds * RsyncLooks.SecondNs, 0, 0), name);
    }

    /// <summary>Bytes of the current file sent so far, from a line of <c>--progress</c>; null for any other line.</summary>
    public static long? Progress(string line) =>
        ProgressPattern().Match(line) is { Success: true } match
        && long.TryParse(
            match.Groups[1].Value.Replace(",", "", StringComparison.Ordinal),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var bytes)
            ? bytes
            : null;

    private static byte? Octal(ReadOnlySpan<char> digits)
    {
        var value = 0;
        foreach (var digit in digits)
        {
            if (digit is < '0' or > '7') return null;
            value = (value * 8) + (digit - '0');
        }

        return value <= byte.MaxValue ? (byte)value : null;
    }

    [GeneratedRegex(
        @"^([-dlcbps])\S{9}\S? +([\d,]+) (\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) (.+)$",
        RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex ListPattern();

    [GeneratedRegex(@"^ *([\d,]+) +\d{1,3}% ", RegexOptions.CultureInvariant)]
    private static partial Regex ProgressPattern();
}

/// <summary>What rsync does, or would do, with one file.</summary>
/// <param name="Changes">The eleven letters of <c>%i</c>.</param>
/// <param name="Name">The path below the target.</param>
internal sealed record ItemLine(string Changes, string Name)
{
    /// <summary>The entry is a file.</summary>
    public bool IsFile => Changes[1] == 'f';

    /// <summary>The target's file has this content, as far as the run compared it.</summary>
    public bool IsSame => Changes[0] == '.' && IsFile && Changes[2] is not ('c' or '+') && Changes[3] != 's';

    /// <summary>The target has no such file.</summary>
    public bool IsMissing => Changes.Contains("++", StringComparison.Ordinal);

    /// <summary>The target's modification time differs.</summary>
    public bool HasOtherTime => Changes[4] is 't' or 'T';
}

/// <summary>One entry of a listing.</summary>
/// <param name="Kind"><c>-</c> for a file, otherwise the type letter of <c>ls -l</c>.</param>
/// <param name="State">Size, and modification time in whole seconds.</param>
/// <param name="Name">The path below the target.</param>
internal sealed record ListLine(char Kind, FileState State, string Name);
