using System.Globalization;

using NasSync.Templates;

namespace NasSync.Destinations.Rsync;

/// <summary>What client and target were seen to know together.</summary>
/// <param name="Version">The rsync of this machine.</param>
/// <param name="Mkpath">Missing folders of the target are made.</param>
/// <param name="Fsync">Each file is flushed to the medium.</param>
/// <param name="Protocol">The protocol they agreed on.</param>
/// <param name="Checksum">How they compare whole files.</param>
internal sealed record RsyncPeer(RsyncVersion Version, bool Mkpath, bool Fsync, int Protocol, string Checksum);

/// <summary>The argument vectors. Names never stand in them: they come in a list that is separated by NUL and expanded by nobody.</summary>
internal sealed class RsyncFlags(RsyncTarget target, bool compress, Func<long?> bytesPerSecond, KeptNames kept, string? fileMode = null)
{
    /// <summary>
    /// Where a broken-off file waits to be gone on with, in the folder of its target. rsync takes what is there for its own, and removes it.
    /// </summary>
    public const string PartialFolder = ReservedName.Prefix + "partial";

    private const int Timeout = 60;
    private const long SlowestHash = 10 * 1024 * 1024;

    /// <summary>Asks what the target knows, without changing anything.</summary>
    public IReadOnlyList<string> Ask(RsyncVersion version, bool mkpath, bool fsync, string from, string list) =>
    [
        .. Common(list, Timeout), "--dry-run", "--dirs",
        .. If(
            version.HasInfo,
            version.HasMkpath ? "--debug=PROTO1,NSTR1" : "--debug=PROTO1"), .. If(mkpath, "--mkpath"), .. If(fsync, "--fsync"), from, target.Argument,
    ];

    /// <summary>Sends what is in a list. A file that is there is left as it is, unless it is to be replaced.</summary>
    public IReadOnlyList<string> Send(RsyncPeer peer, bool replace, bool sparse, string from, string list) =>
    [
        .. Common(list, Timeout), .. Content, "--ignore-times", .. Mode,
        .. If(!kept.Holds(PartialFolder), $"--partial-dir={PartialFolder}"), .. If(!replace, "--ignore-existing"),
        .. If(peer.Mkpath, "--mkpath"), .. If(peer.Fsync, "--fsync"), .. If(sparse, "--sparse"), .. If(compress, "--compress"), .. Limit(),
        .. Items, .. peer.Version.HasInfo ? new[] { "--info=progress1", "--outbuf=L" } : ["--progress"], from, target.Argument,
    ];

    /// <summary>Compares what is in a list with what the target holds, and changes nothing.</summary>
    /// <param name="checksum">By the content, which both sides read; else by the size.</param>
    /// <param name="largest">Bytes of the largest file: nobody hears of a side that reads it.</param>
    /// <param name="from">The folder the list counts from.</param>
    /// <param name="list">The list.</param>
    public IReadOnlyList<string> Compare(bool checksum, long largest, string from, string list) =>
    [
        .. Common(list, Timeout + (int)Math.Min(largest / SlowestHash, int.MaxValue / 2)), .. Content, "--dry-run", checksum
            ? "--checksum"
            : "--size-only", "-i", .. Items, from, target.Argument,
    ];

    /// <summary>Shows what stands at the names of a list; with a slash at its end, a folder's content.</summary>
    public IReadOnlyList<string> Look(string list, string empty) =>
        [.. Common(list, Timeout), "--dry-run", "--dirs", "--list-only", target.Argument, empty];

    /// <summary>Fetches what is in a list.</summary>
    /// <param name="list">The list.</param>
    /// <param name="into">Where the files go.</param>
    /// <param name="from">What the list counts from; null: the target.</param>
    public IReadOnlyList<string> Fetch(string list, string into, string? from = null) =>
        [
            .. Common(list, Timeout),
            "--times",
            "--omit-dir-times",
            "--chmod=D700,F600",
            .. If(compress, "--compress"),
            .. Limit(),
            from ?? target.Argument,
            into,
        ];

    /// <summary>Removes what is in a list; the folder it counts from holds nothing.</summary>
    public IReadOnlyList<string> Delete(string list, string empty) =>
        [.. Common(list, Timeout), "--dirs", "--delete-missing-args", "--no-implied-dirs", empty, target.Argument];

    // Links of ours lead to the open sources. Folders are made as the target's umask says; a link that stands for one there is not replaced.
    private static string[] Content => ["--copy-links", "--times", "--omit-dir-times", "--no-implied-dirs"];

    // Without a mode of ours a new file has what the umask leaves of this, and one that is replaced keeps its own.
    private string[] Mode => fileMode is null ? ["--chmod=D777,F666"] : ["--perms", $"--chmod=D777,F{fileMode}"];

    private static string[] Items => ["-i", "--out-format=%i %n"];

    private IEnumerable<string> Common(string list, int timeout)
    {
        yield return "--protect-args";
        yield return "--from0";
        yield return $"--files-from={list}";
        yield return $"--timeout={timeout.ToString(CultureInfo.InvariantCulture)}";
        if (target.Way == RsyncWay.Daemon)
        {
            yield return "--contimeout=10";
            yield return "--no-motd";

            // The two talk in small pieces; without this each waits 40 ms for the other's acknowledgement.
            yield return "--sockopts=TCP_NODELAY";
        }
    }

    // rsync counts in units of 1024 bytes, and 0 would be no limit.
    private IEnumerable<string> Limit() =>
        bytesPerSecond() is { } limit ? [$"--bwlimit={Math.Max(limit / 1024, 1).ToString(CultureInfo.InvariantCulture)}"] : [];

    private static IEnumerable<string> If(bool condition, string argument) => condition ? [argument] : [];
}
