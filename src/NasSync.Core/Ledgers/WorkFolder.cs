using NasSync.Failures;
using NasSync.Files;

namespace NasSync.Ledgers;

/// <summary>What a work folder must be before the ledger is trusted to it.</summary>
internal static class WorkFolder
{
    /// <summary>The code of the failure that stops new work.</summary>
    public const string FullCode = "WorkDirFull";

    /// <summary>
    /// The free space below which no new work is taken: 64 MiB. What is under way then needs a few MiB at most (a row is about 1 KiB with its
    /// indexes, the log is written back at 4 MiB), so that the ledger can always record what was copied.
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

    /// <summary>Refuses a work folder on a file system that other machines share.</summary>
    /// <param name="folder">The work folder, as a full path.</param>
    /// <param name="kindOf">Says on which kind of network file system a folder lies; null: the system is asked.</param>
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

    /// <summary>Refuses a work folder in which something that is no file has one of our names: to open it could wait without end.</summary>
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
                // Whoever opens it says what is wrong.
            }
        }
    }

    /// <summary>Makes sure that there is room to record what new work comes to.</summary>
    /// <param name="folder">The work folder, as a full path; it must be there.</param>
    /// <param name="leastFree">How much must be free, in bytes.</param>
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
