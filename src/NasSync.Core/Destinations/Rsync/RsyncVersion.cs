using System.Globalization;
using System.Text.RegularExpressions;

namespace NasSync.Destinations.Rsync;

/// <summary>The version that the local rsync reports, and the abilities of that version.</summary>
internal sealed partial record RsyncVersion(Version Number, int Protocol)
{
    /// <summary>Supports <c>--info</c>, <c>--debug</c> and <c>--outbuf</c> (3.1.0).</summary>
    public bool HasInfo => Number >= new Version(3, 1);

    /// <summary>Supports <c>--delete-missing-args</c>: removes listed names that the source lacks (3.1.0).</summary>
    public bool DeletesMissing => Number >= new Version(3, 1);

    /// <summary>Supports <c>--mkpath</c>: creates all missing folders of a target (3.2.3).</summary>
    public bool HasMkpath => Number >= new Version(3, 2, 3);

    /// <summary>Supports <c>--fsync</c>: flushes each file to the medium (3.2.4).</summary>
    public bool HasFsync => Number >= new Version(3, 2, 4);

    /// <summary>Parses the first line of <c>rsync --version</c>.</summary>
    /// <exception cref="FailureException">The program is not rsync, or older than 3.0 (class Config).</exception>
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

    // Pre-releases report 3.2.4pre1, distributions v3.2.7.
    [GeneratedRegex(@"^rsync\s+version\s+v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?\S*\s+protocol version\s+(\d{1,4})", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
