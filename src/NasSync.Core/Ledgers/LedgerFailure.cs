using Microsoft.Data.Sqlite;
using NasSync.Failures;
using NasSync.Files;
using static NasSync.FailureClass;

namespace NasSync.Ledgers;

/// <summary>Translates SQLite errors into failures and notices.</summary>
internal static class LedgerFailure
{
    private const string DamagedCode = "LedgerCorrupt";

    private const string Rebuilt =
        "A new ledger is built by comparing sources with the files at the targets. Equal files are not sent again, and no source is "
            + "removed until a run has completed.";

    // Result codes of sqlite3.h.
    private const int Busy = 5, Locked = 6, NoMemory = 7, ReadOnly = 8, IoError = 10, Corrupt = 11, Full = 13, CannotOpen = 14, NotADatabase = 26;

    /// <summary>The failure as an exception that keeps its cause.</summary>
    public static FailureException From(SqliteException error, string path) => new(Describe(error, path), error);

    /// <summary>A newer program wrote the ledger.</summary>
    public static FailureException TooNew(string path, long version, int known) => new(new Failure(
        FailureClass.Config,
        "LedgerTooNew",
        $"The ledger '{path}' has version {version}; this NasSync knows versions up to {known}.",
        "Use the newer NasSync that wrote it, another ledger, or the backup that it made of the older one "
            + "('ledger.db.before-N'; in PostgreSQL the tables '…_before_N')."));

    /// <summary>The file is damaged, or is not a ledger.</summary>
    public static Failure Damaged(string path, string detail) => new(
        FailureClass.Config,
        DamagedCode,
        $"The ledger '{path}' is damaged or not a ledger: {detail.TrimEnd('.')}.",
        "The next sync sets it aside and rebuilds the ledger by comparing sources with the files at the targets; or restore a backup.");

    /// <summary>Whether a failure means that the ledger is damaged.</summary>
    public static bool IsDamage(Failure failure) => failure.Code == DamagedCode;

    /// <summary>The notice that a damaged ledger was set aside and replaced.</summary>
    public static Notice SetAside(string path, string aside, Failure why) => new(
        "LedgerSetAside",
        $"{why.Message.TrimEnd('.')}; it was set aside as '{aside}'.",
        Rebuilt);

    /// <summary>The notice that the ledger has vanished.</summary>
    public static Notice Lost(string path) => new("LedgerLost", $"The ledger '{path}' is gone, although an earlier run created it.", Rebuilt);

    /// <summary>The notice that another ledger is used than before, which may not know what was done from this work folder.</summary>
    public static Notice Replaced(string name) =>
        new("LedgerReplaced", $"The ledger '{name}' is not the one that this work folder used before.", Rebuilt);

    /// <summary>The notice that the ledger was set back to an older state.</summary>
    public static Notice SetBack(string name) =>
        new("LedgerSetBack", $"The ledger '{name}' was set back to an older state, perhaps from a backup.", Rebuilt);

    /// <summary>The work folder's file system does not support a write-ahead log.</summary>
    public static FailureException NoWal(string path) => new(new Failure(
        FailureClass.Config,
        "LedgerNeedsLocalDisk",
        $"The file system of the ledger '{path}' has no shared memory or locks for its write-ahead log.",
        "Put workDir on a disk of this machine, not on a network file system."));

    private static Failure Describe(SqliteException error, string path) => error.SqliteErrorCode switch
    {
        CannotOpen or IoError when OpenFiles.AreExhausted() => SystemFailure.FromException(OpenFiles.Exhausted(), "open", path),
        Corrupt or NotADatabase => Damaged(path, Reason(error)),
        Busy or Locked =>
            new Failure(
                Transient,
                "LedgerBusy",
                $"The ledger '{path}' is in use by another process.",
                "It is tried again; look for another NasSync or a backup program that holds it."),

        // SQLite reports a full disk while writing the -shm index only as IOERR.
        Full or IoError when error.SqliteErrorCode == Full || HasNoRoom(path) =>
            new Failure(NoSpace, "LedgerNoSpace", $"The ledger '{path}' cannot grow: no space is left.", "Free some space in workDir and run again."),
        ReadOnly => new Failure(
            Permission,
            "LedgerReadOnly",
            $"The ledger '{path}' cannot be written.",
            "Give the account that runs NasSync write access to workDir and to every file in it."),
        CannotOpen => new Failure(
            Permission,
            "LedgerCannotOpen",
            $"The ledger '{path}' cannot be opened: {Reason(error)}.",
            "Give the account that runs NasSync access to workDir, and let no folder stand in the ledger's place."),
        IoError => new Failure(
            Transient,
            "LedgerIoError",
            $"The ledger '{path}' cannot be read or written: {Reason(error)}.",
            "Check the disk of workDir (dmesg, smartctl)."),
        NoMemory => new Failure(Transient, "NoMemory", $"There is no memory left for the ledger '{path}'.", "Give the machine more memory."),
        _ => new Failure(
            Bug,
            "LedgerError",
            $"The ledger '{path}' failed: {Reason(error)}.",
            "This is an error of NasSync itself; please report it with the log."),
    };

    private static bool HasNoRoom(string path)
    {
        const long leastForAnything = 64 * 1024;
        try
        {
            return new DriveInfo(Path.GetDirectoryName(path)!).AvailableFreeSpace < leastForAnything;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    // "SQLite Error 11: 'database disk image is malformed'." without its wrapping. The text of a damaged ledger may contain bytes of it, so quote it.
    private static string Reason(SqliteException error)
    {
        var quoted = error.Message.Split('\'', 2);
        return Failure.Quote(quoted.Length == 2 ? quoted[1].TrimEnd('.', '\'') : error.Message)[1..^1];
    }
}
