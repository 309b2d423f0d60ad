using NasSync.Failures;
using NasSync.Files;

namespace NasSync.Ledgers;

/// <summary>Requirements that a work folder must meet before it holds a ledger.</summary>
internal static class WorkFolder
{
    /// <summary>The code of the failure that stops new work for lack of space.</summary>
    public const string FullCode = "WorkDirFull";

    /// <summary>
    /// The free space below which no new work is taken: 64 MiB. Work in progress needs a few MiB at most (a row with its indexes takes about 1 KiB,
    /// the log is checkpointed at 4 MiB), so the ledger can always record what was copied.
    /// </summary>
    public const long LeastFree = 64L << 20;

    private static readonly string[] OurNames =
    [
        WorkLock.FileName,
        WorkLock.HolderFileName,
        Ledger.FileName,
        Ledger.FileName + LedgerFiles.LogSuffix,
        Ledger.FileName + LedgerFiles.IndexSuffix,
        UnrecordedCopies.FileName, PlacesFile.FileName, SharedMark.FileName, Ledger.FileName + LedgerFiles.SuspectSuffix,
    ];

    /// <summary>Refuses a work folder on a network file system.</summary>
    /// <param name="folder">The work folder, as a full path.</param>
    /// <param name="kindOf">Returns the kind of network file system of a folder; null asks the system.</param>
    /// <exception cref="FailureException">Class Config, code WorkDirOnNetwork.</exception>
    public static void RequireLocal(string folder, Func<string, string?>? kindOf = null)
    {
        if (Asked("look at", folder, () => (kindOf ?? NetworkFileSystem.KindOf)(folder)) is not { } kind) return;
        throw new FailureException(new Failure(
            FailureClass.Config,
            "WorkDirOnNetwork",
            $"The work folder '{folder}' lies on a network file system ({kind}), where the ledger's locks and its write-ahead log cannot be trusted.",
            "Set workDir to a folder on a disk of this machine; allowNetworkWorkDir: true takes the risk."));
    }

    /// <summary>Refuses a work folder where a pipe, socket or device has one of our file names: opening it could block forever.</summary>
    /// <param name="folder">The work folder, as a full path.</param>
    /// <exception cref="FailureException">Class Config, code WorkDirNotOurs.</exception>
    public static void RequireFiles(string folder)
    {
        foreach (var name in OurNames)
        {
            try
            {
                NamedFile.RequireNoSpecial(Path.Combine(folder, name));
            }
            catch (NoFileException e)
            {
                throw new FailureException(new Failure(
                    FailureClass.Config,
                    "WorkDirNotOurs",
                    $"{e.Message}, and the work folder is NasSync's alone.",
                    "Remove it; NasSync makes the files that it needs there."), e);
            }
            catch (IOException)
            {
                // Opening the file later reports the error.
            }
        }
    }

    /// <summary>Throws unless there is room to record new work.</summary>
    /// <param name="folder">The work folder, as a full path; it must exist.</param>
    /// <param name="leastFree">The least free space, in bytes.</param>
    /// <exception cref="FailureException">Class NoSpace, code WorkDirFull.</exception>
    public static void RequireRoom(string folder, long leastFree)
    {
        var free = Asked("look at", folder, () => new DriveInfo(folder).AvailableFreeSpace);
        if (free >= leastFree) return;
        throw new FailureException(new Failure(
            FailureClass.NoSpace,
            FullCode,
            $"The file system of the work folder '{folder}' has {Readable.Size(free)} left; no new work is taken below {Readable.Size(leastFree)}.",
            "Free some space there, or set workDir to a folder with more; what was under way is finished and recorded."));
    }

    private static T Asked<T>(string operation, string folder, Func<T> ask)
    {
        try
        {
            return ask();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException(SystemFailure.FromException(e, operation, folder), e);
        }
    }
}
