using System.Globalization;
using System.Text.RegularExpressions;

namespace NasSync.Destinations.Rsync;

/// <summary>Which rsync runs here, as it says itself, and what that version knows.</summary>
internal sealed partial record RsyncVersion(Version Number, int Protocol)
{
    /// <summary>Can be told where its output is flushed, and which output is wanted (3.1.0).</summary>
    public bool HasInfo => Number >= new Version(3, 1);

    /// <summary>Deletes what is named and is not in the source (3.1.0).</summary>
    public bool DeletesMissing => Number >= new Version(3, 1);

    /// <summary>Makes all missing folders of a target (3.2.3).</summary>
    public bool HasMkpath => Number >= new Version(3, 2, 3);

    /// <summary>Flushes each file to the medium (3.2.4).</summary>
    public bool HasFsync => Number >= new Version(3, 2, 4);

    /// <summary>Reads the first line of <c>rsync --version</c>.</summary>
    /// <exception cref="FailureException">It is no rsync, or one before 3.0 (Config).</exception>
    public static RsyncVersion Parse(string text)
    {
        var match = Pattern().Match(text);
        if (!match.Success)
            throw Wrong($"What answers as rsync is another program ({Failure.Quote(text.Split('\n')[0])})");
        var number = new Version(Part(1), Part(2), match.Groups[3].Success ? Part(3) : 0);
        return number.Major >= 3 ? new(number, Part(4)) : throw Wrong($"The rsync of this machine is too old ({number})");

        int Part(int group) => int.Parse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
    }

    private static FailureException Wrong(string what) =>
        new(new Failure(FailureClass.Config, "RsyncTooOld", $"{what}.", $"Install rsync 3.0 or later, or name it in {RsyncProgram.Variable}."));

    // Pre-releases say 3.2.4pre1, distributions v3.2.7.
    [GeneratedRegex(@"^rsync\s+version\s+v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?\S*\s+protocol version\s+(\d{1,4})", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
