using static NasSync.FailureClass;

namespace NasSync.Failures;

/// <summary>
/// One error of the operating system and its meaning for an item. The numbers are those of <c>errno.h</c>: equal on all systems up to 34 (except
/// EAGAIN), different above. 0 marks an error that a system does not have.
/// </summary>
internal sealed record SystemError(string Name, int Linux, int Darwin, FailureClass Class, string Code, string What, string Hint)
{
    private const string WaitForIt = "Nothing needs to be done; it is tried again.";
    private const string Reconnect = "Check that the file system is mounted and its server can be reached.";

    /// <summary>All errors with a specific meaning.</summary>
    public static readonly IReadOnlyList<SystemError> All =
    [
        // Room
        new("ENOSPC", 28, 28, NoSpace, "NoSpace", "no space is left on the device", "Free some space there (also inodes: df -i) and run again."),
        new("EDQUOT", 122, 69, NoSpace, "QuotaExceeded", "the disk quota is used up", "Free some space or have the quota raised, and run again."),
        new(
            "EFBIG",
            27,
            27,
            Invalid,
            "FileTooLarge",
            "the file is larger than the file system or a limit allows",
            "Use a file system that holds large files (FAT32 ends at 4 GiB) or raise 'ulimit -f'."),

        // Permission
        new(
            "EACCES",
            13,
            13,
            Permission,
            "PermissionDenied",
            "permission is denied",
            "Give the account that runs NasSync access to the file and to every folder above it."),
        new(
            "EPERM",
            1,
            1,
            Permission,
            "NotPermitted",
            "the operation is not permitted",
            "Look for an immutable flag (lsattr), another owner, or a mount that forbids it."),
        new(
            "EROFS",
            30,
            30,
            Permission,
            "ReadOnlyFileSystem",
            "the file system is read-only",
            "Mount it for writing; if it became read-only by itself, check the disk (dmesg)."),
        new(
            "EKEYEXPIRED",
            127,
            0,
            Auth,
            "KeyExpired",
            "the file system's login has expired",
            "Renew the login (kinit) of the account that runs NasSync."),
        new(
            "ENOKEY",
            126,
            0,
            Auth,
            "KeyMissing",
            "the file system has no login for this account",
            "Log in to the file server (kinit, or the mount's credentials) as the account that runs NasSync."),
        new("EKEYREJECTED", 129, 0, Auth, "KeyRejected", "the file server refused the login", "Check the mount's credentials."),

        // A later try may help
        new("EINTR", 4, 4, Transient, "Interrupted", "the operation was interrupted", WaitForIt),
        new("EAGAIN", 11, 35, Transient, "TryAgain", "it is locked or busy at the moment", WaitForIt),
        new("EBUSY", 16, 16, Transient, "Busy", "it is in use", "Nothing needs to be done unless it is a mount point; it is tried again."),
        new("ENOMEM", 12, 12, Transient, "NoMemory", "the system is out of memory", "Lower 'transfers', or give the machine more memory."),
        new(
            "ENFILE",
            23,
            23,
            Transient,
            "TooManyOpenFiles",
            "the system has too many files open",
            "Raise the system's limit (sysctl fs.file-max) or lower 'transfers'."),
        new(
            "EMFILE",
            24,
            24,
            Transient,
            "TooManyOpenFiles",
            "this process has too many files open",
            "Raise 'ulimit -n' (LimitNOFILE= of the service) or lower 'transfers'."),
        new(
            "ESTALE",
            116,
            70,
            Transient,
            "StaleHandle",
            "the file server no longer knows the file handle",
            "It is tried again; if it stays, remount the network file system."),
        new(
            "EIO",
            5,
            5,
            Transient,
            "IoError",
            "the device reported an input/output error",
            "Check the disk and its cable (dmesg, smartctl); a damaged source must be made again."),
        new("EREMOTEIO", 121, 0, Transient, "IoError", "the remote device reported an input/output error", "Check the disk of the file server."),
        new(
            "ENOLCK",
            37,
            77,
            Transient,
            "NoLocks",
            "no file lock is to be had",
            "Check the lock service of the network file system (rpc.statd, lockd)."),
        new("EPIPE", 32, 32, Transient, "ConnectionLost", "the other side closed the connection", WaitForIt),
        new("ECONNRESET", 104, 54, Transient, "ConnectionLost", "the connection was reset", WaitForIt),
        new("ECONNABORTED", 103, 53, Transient, "ConnectionLost", "the connection was aborted", WaitForIt),

        // The place is not there
        new("ENODEV", 19, 19, Unavailable, "DeviceMissing", "the device is not there", Reconnect),
        new("ENXIO", 6, 6, Unavailable, "DeviceMissing", "there is no such device or address", Reconnect),
        new("ENOMEDIUM", 123, 0, Unavailable, "DeviceMissing", "there is no medium in the drive", "Insert the medium and mount it."),
        new("ENOTCONN", 107, 57, Unavailable, "NotConnected", "the file system is not connected", Reconnect),
        new("ETIMEDOUT", 110, 60, Unavailable, "TimedOut", "the file server did not answer in time", Reconnect),
        new("ECONNREFUSED", 111, 61, Unavailable, "Unreachable", "the server refused the connection", Reconnect),
        new("EHOSTDOWN", 112, 64, Unavailable, "Unreachable", "the server is down", Reconnect),
        new("EHOSTUNREACH", 113, 65, Unavailable, "Unreachable", "the server cannot be reached", Reconnect),
        new("ENETDOWN", 100, 50, Unavailable, "Unreachable", "the network is down", Reconnect),
        new("ENETUNREACH", 101, 51, Unavailable, "Unreachable", "the network cannot be reached", Reconnect),
        new("ESHUTDOWN", 108, 58, Unavailable, "NotConnected", "the file system was shut down", "Check the disk (dmesg) and remount it."),

        // Something else is in the place
        new("EEXIST", 17, 17, Conflict, "AlreadyExists", "something of that name is there already", "Rename or remove it, or choose another target."),
        new(
            "ENOTDIR",
            20,
            20,
            Conflict,
            "NotAFolder",
            "a part of the path is no folder",
            "Rename or remove the file that stands where a folder is needed."),
        new(
            "EISDIR",
            21,
            21,
            Conflict,
            "IsAFolder",
            "a folder stands where a file is expected",
            "Rename or remove the folder, or choose another target."),
        new("ENOTEMPTY", 39, 66, Conflict, "FolderNotEmpty", "the folder is not empty", "Look at what is in it, then rename or remove it."),
        new(
            "ETXTBSY",
            26,
            26,
            Conflict,
            "FileInUse",
            "it is a program that is running",
            "Stop the program that runs from this file, or choose another target."),

        // The name or the request cannot be carried out
        new("ENOENT", 2, 2, Gone, "NotFound", "it does not exist", "Check the path; if it was just deleted, nothing needs to be done."),
        new(
            "ENAMETOOLONG",
            36,
            63,
            Invalid,
            "NameTooLong",
            "the name is too long for the file system",
            "Give a shorter name with the route's 'as', or use shorter folders."),
        new(
            "ELOOP",
            40,
            62,
            Invalid,
            "SymlinkLoop",
            "it is a symbolic link where none is followed, or links lead in a circle",
            "Replace the link by the file or folder itself."),
        new(
            "EILSEQ",
            84,
            92,
            Invalid,
            "UnsupportedName",
            "the file system cannot hold the name's characters",
            "Give a plainer name with the route's 'as', or mount the file system with UTF-8 names."),
        new(
            "EINVAL",
            22,
            22,
            Invalid,
            "InvalidRequest",
            "the file system refuses the name or the request",
            "If the name holds characters such as ':' or '?', give a plainer one with the route's 'as'."),
        new(
            "EXDEV",
            18,
            18,
            FailureClass.Config,
            "CrossesDevices",
            "the two names are on different file systems",
            "Let the target's folder lie on one file system, without a mount or link in between."),
        new(
            "ENOSYS",
            38,
            78,
            FailureClass.Config,
            "NotSupported",
            "this system cannot do that",
            "Update the operating system, or use another kind of destination."),
        new(
            "EOPNOTSUPP",
            95,
            102,
            FailureClass.Config,
            "NotSupported",
            "the file system cannot do that",
            "Use another file system or another kind of destination."),
        new(
            "ENOTSUP",
            0,
            45,
            FailureClass.Config,
            "NotSupported",
            "the file system cannot do that",
            "Use another file system or another kind of destination."),
        new("EBADF", 9, 9, Bug, "BadHandle", "the file handle is not valid", SystemFailure.ReportIt),
        new("EFAULT", 14, 14, Bug, "BadAddress", "the system was given a bad address", SystemFailure.ReportIt),
    ];

    private static readonly Dictionary<int, SystemError> ByLinux = All.Where(error => error.Linux != 0).ToDictionary(error => error.Linux);
    private static readonly Dictionary<int, SystemError> ByDarwin = All.Where(error => error.Darwin != 0).ToDictionary(error => error.Darwin);
    private static readonly Dictionary<string, SystemError> ByName = All.ToDictionary(error => error.Name, StringComparer.Ordinal);

    /// <summary>The error with a number on Linux, or on macOS; null when it has no specific meaning.</summary>
    public static SystemError? OfErrno(int errno, bool darwin) => (darwin ? ByDarwin : ByLinux).GetValueOrDefault(errno);

    /// <summary>The error with a name, such as <c>ENOSPC</c>.</summary>
    public static SystemError Named(string name) => ByName[name];
}
