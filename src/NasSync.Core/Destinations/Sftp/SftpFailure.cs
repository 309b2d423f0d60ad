namespace NasSync.Destinations.Sftp;

/// <summary>Explains a refused request. Version 3 has few status codes, and most servers say no more than "Failure".</summary>
internal static class SftpFailure
{
    /// <summary>
    /// With less free space than this the file system counts as full: the failed request was a packet of at most this size, or the last block.
    /// </summary>
    private const long FullBelow = 1024 * 1024;

    /// <summary>The failure for a refused request.</summary>
    /// <param name="refused">The refusal.</param>
    /// <param name="operation">The attempted operation, as a verb.</param>
    /// <param name="subject">Its path, for people.</param>
    /// <param name="space">The file system's state, if known.</param>
    public static Failure From(SftpStatusException refused, string operation, string subject, SftpSpace? space = null)
    {
        string Cannot(string why) => $"Cannot {operation} {Failure.Quote(subject)}: {why}.";
        var text = refused.Message;
        bool Says(string words) => text.Contains(words, StringComparison.OrdinalIgnoreCase);
        return refused.Status switch
        {
            SftpStatus.NoSuchFile =>
                new Failure(
                    FailureClass.Transient,
                    "NotFound",
                    Cannot("it, or a folder above it, is not there"),
                    "It is tried again; if it stays, check 'root' in the configuration."),
            SftpStatus.PermissionDenied =>
                new Failure(
                    FailureClass.Permission,
                    "PermissionDenied",
                    Cannot("the server denies permission"),
                    "Give the account that logs in access to the file and to every folder above it."),
            SftpStatus.BadMessage =>
                new Failure(
                    FailureClass.Invalid,
                    "UnsupportedName",
                    Cannot("the server does not take the name or the request"),
                    "Give a shorter or plainer name with the route's 'as'."),
            SftpStatus.Unsupported =>
                new Failure(
                    FailureClass.Config,
                    "NotSupported",
                    Cannot("the server cannot do that"),
                    "Use another server software or another kind of destination."),
            SftpStatus.NoConnection or SftpStatus.ConnectionLost =>
                new Failure(
                    FailureClass.Transient,
                    "ConnectionLost",
                    Cannot("the server lost its own connection"),
                    "Nothing needs to be done; it is tried again."),
            _ when Says("read-only file system") || space is { IsReadOnly: true } =>
                new Failure(
                    FailureClass.Permission,
                    "ReadOnlyFileSystem",
                    Cannot("the file system there is read-only"),
                    "Mount it for writing on the server; if it became read-only by itself, check the disk (dmesg)."),
            _ when Says("quota") =>
                new Failure(
                    FailureClass.NoSpace,
                    "QuotaExceeded",
                    Cannot("the disk quota is used up"),
                    "Free some space there or have the quota raised, and run again."),
            _ when Says("no space") || space is { FreeBytes: < FullBelow } =>
                new Failure(FailureClass.NoSpace, "NoSpace", Cannot("no space is left there"), "Free some space there and run again."),
            _ when space is { FreeInodes: 0 } =>
                new Failure(
                    FailureClass.NoSpace,
                    "NoSpace",
                    Cannot("no inodes are left there"),
                    "Remove some files there (df -i shows it) and run again."),
            _ => new Failure(
                FailureClass.Transient,
                "SftpFailure",
                Cannot($"the server says {Failure.Quote(text.Length == 0 ? "Failure" : text)}"),
                "It is tried again; if it stays, look at the server's log and disk."),
        };
    }

    /// <summary>The failure when something other than a file is at a target.</summary>
    public static Failure NotAFile(string shown) => new(
        FailureClass.Conflict,
        "TargetIsNotAFile",
        $"{shown} is taken by something that is no regular file.",
        "Move it away, or give the artifact another name with `as:`.");

    /// <summary>Whether an exception reports the end of a connection to a caller that waits for an answer.</summary>
    public static bool IsConnectionEnd(Exception exception) => exception is IOException or SftpProtocolException or ObjectDisposedException;
}
