using System.Globalization;

using NasSync.Templates;

namespace NasSync.Destinations.Rsync;

/// <summary>The abilities that client and target share.</summary>
/// <param name="Version">The version of the local rsync.</param>
/// <param name="Mkpath">rsync creates missing folders of the target.</param>
/// <param name="Fsync">rsync flushes each file to the medium.</param>
/// <param name="Protocol">The negotiated protocol version.</param>
/// <param name="Checksum">The negotiated checksum for whole files.</param>
internal sealed record RsyncPeer(RsyncVersion Version, bool Mkpath, bool Fsync, int Protocol, string Checksum);

/// <summary>The argument vectors. They never contain names: names come in a NUL-separated list that no shell expands.</summary>
internal sealed class RsyncFlags(RsyncTarget target, bool compress, Func<long?> bytesPerSecond, KeptNames kept, string? fileMode = null)
{
    /// <summary>
    /// The folder for interrupted files, beside the target's file. rsync resumes from its content, treats it as its own and removes it.
    /// </summary>
    public const string PartialFolder = ReservedName.Prefix + "partial";

    private const int Timeout = 60;
    private const long SlowestHash = 10 * 1024 * 1024;

    /// <summary>Asks which options the target knows, without changing anything.</summary>
    public IReadOnlyList<string> Ask(RsyncVersion version, bool mkpath, bool fsync, string from, string list) =>
    [
        .. Common(list, Timeout), "--dry-run", "--dirs",
        .. If(
            version.HasInfo,
            version.HasMkpath ? "--debug=PROTO1,NSTR1" : "--debug=PROTO1"), .. If(mkpath, "--mkpath"), .. If(fsync, "--fsync"), from, target.Argument,
    ];

    /// <summary>Sends the listed files. An existing file stays unless <paramref name="replace"/> is set.</summary>
    public IReadOnlyList<string> Send(RsyncPeer peer, bool replace, bool sparse, string from, string list) =>
    [
        .. Common(list, Timeout), .. Content, "--ignore-times", .. Mode,
        .. If(!kept.Holds(PartialFolder), $"--partial-dir={PartialFolder}"), .. If(!replace, "--ignore-existing"),
        .. If(peer.Mkpath, "--mkpath"), .. If(peer.Fsync, "--fsync"), .. If(sparse, "--sparse"), .. If(compress, "--compress"), .. Limit(),
        .. Items, .. peer.Version.HasInfo ? new[] { "--info=progress1", "--outbuf=L" } : ["--progress"], from, target.Argument,
    ];

    /// <summary>Compares the listed files with those at the target, and changes nothing.</summary>
    /// <param name="checksum">True: by content, which both sides read; false: by size.</param>
    /// <param name="largest">Bytes of the largest file: a side that is reading sends nothing, so the time-out must allow for it.</param>
    /// <param name="from">The folder that the list is relative to.</param>
    /// <param name="list">The list.</param>
    public IReadOnlyList<string> Compare(bool checksum, long largest, string from, string list) =>
    [
        .. Common(list, Timeout + (int)Math.Min(largest / SlowestHash, int.MaxValue / 2)), .. Content, "--dry-run", checksum
            ? "--checksum"
            : "--size-only", "-i", .. Items, from, target.Argument,
    ];

    /// <summary>Shows what is at the listed names; of a name with a slash at its end, the folder's content.</summary>
    public IReadOnlyList<string> Look(string list, string empty) =>
        [.. Common(list, Timeout), "--dry-run", "--dirs", "--list-only", target.Argument, empty];

    /// <summary>Fetches the listed files.</summary>
    /// <param name="list">The list.</param>
    /// <param name="into">The folder that receives the files.</param>
    /// <param name="from">The folder that the list is relative to; null: the target.</param>
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

    /// <summary>Removes the listed names; the source folder is empty.</summary>
    public IReadOnlyList<string> Delete(string list, string empty) =>
        [.. Common(list, Timeout), "--dirs", "--delete-missing-args", "--no-implied-dirs", empty, target.Argument];

    // Our links lead to the open sources. The target's umask decides the mode of new folders; a link that stands for a folder there is not replaced.
    private static string[] Content => ["--copy-links", "--times", "--omit-dir-times", "--no-implied-dirs"];

    // Without a configured mode, a new file gets what the umask leaves of this, and a replaced file keeps its own.
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

            // Client and daemon exchange small packets; without this each waits 40 ms for the other's acknowledgement.
            yield return "--sockopts=TCP_NODELAY";
        }
    }

    // rsync takes units of 1024 bytes, and 0 means no limit.
    private IEnumerable<string> Limit() =>
        bytesPerSecond() is { } limit ? [$"--bwlimit={Math.Max(limit / 1024, 1).ToString(CultureInfo.InvariantCulture)}"] : [];

    private static IEnumerable<string> If(bool condition, string argument) => condition ? [argument] : [];
}
