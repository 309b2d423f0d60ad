using System.Globalization;
using NasSync.Failures;
using NasSync.Files;

namespace NasSync.Ledgers;

/// <summary>The ledger's file and the ones beside it.</summary>
/// <param name="path">The ledger's file, as a full path.</param>
internal sealed class LedgerFiles(string path)
{
    public const string LogSuffix = "-wal", IndexSuffix = "-shm", SuspectSuffix = ".suspect";

    // Beside the log: it says that a ledger was here, so that a missing one is known to be lost and is not taken for a first run.
    private readonly string _made = Path.ChangeExtension(path, ".made");
    private readonly string _suspect = path + SuspectSuffix;

    private readonly SharedMark _shared = new(Path.GetDirectoryName(path)!);

    /// <summary>Whether a ledger in this folder was made before.</summary>
    public bool HasFileMark => File.Exists(_made);

    /// <summary>Whether the last ledger that was used here is in a database that others share.</summary>
    public bool WasShared => _shared.Exists;

    /// <summary>Whether a ledger was made or used here before.</summary>
    public bool WasMade => HasFileMark || WasShared || PlacesFile.IsIn(Path.GetDirectoryName(path)!);

    /// <summary>Whether damage was met while the ledger was in use.</summary>
    public bool IsSuspect => File.Exists(_suspect);

    /// <summary>Whether the last one to write did not close it: a closed ledger has no log.</summary>
    public bool WasCutOff => new FileInfo(path + LogSuffix) is { Exists: true, Length: > 0 };

    /// <summary>Whether a ledger was made here and its file is gone or empty now.</summary>
    public bool IsLost => WasMade && new FileInfo(path) is not { Exists: true, Length: > 0 };

    /// <summary>Notes that a ledger is here from now on, and that nothing speaks against it.</summary>
    public void NoteMade()
    {
        File.Delete(_suspect);
        if (!HasFileMark)
            File.WriteAllText(_made, "A ledger was made in this folder. This file stays, so that a missing ledger is known to be lost.\n");
        if (WasShared) _shared.Remove();
    }

    /// <summary>Makes the next one to open the ledger look at all of it. That this may fail changes nothing: damage shows up again.</summary>
    public void NoteSuspect()
    {
        try
        {
            File.WriteAllText(_suspect, "Damage was met in the ledger; the next run examines it.\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The failure that brought us here is the one to be told.
        }
    }

    /// <summary>Gives the ledger, its log and its index other names and keeps them. Nobody may have it open.</summary>
    /// <returns>The ledger's new name.</returns>
    public string SetAside(DateTimeOffset now)
    {
        var name = Path.GetFileName(path);
        try
        {
            using var root = SafeRoot.Open(Path.GetDirectoryName(path)!);
            using var folder = root.OpenFolder(null, create: false);
            var aside = FreeName(folder, string.Create(CultureInfo.InvariantCulture, $"{name}.corrupt-{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}"));

            // The file itself last: should this be cut off, the damaged ledger still stands in its place.
            foreach (var suffix in (string[])[LogSuffix, IndexSuffix, ""])
                if (folder.Stat(name + suffix) is not null) folder.Rename(name + suffix, aside + suffix, replace: false);
            folder.Fsync();
            return aside;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException(SystemFailure.FromException(e, "set aside", path), e);
        }
    }

    /// <summary>
    /// The file that keeps the ledger as it was before a version, free to be written; one that is there is of a migration that failed.
    /// </summary>
    public string PrepareBackup(int version)
    {
        var backup = string.Create(CultureInfo.InvariantCulture, $"{path}.before-{version}");
        File.Delete(backup);
        return backup;
    }

    /// <summary>Makes a file durable.</summary>
    public static void Flush(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite);
        stream.Flush(flushToDisk: true);
    }

    private static string FreeName(SafeFolder folder, string wanted)
    {
        var name = wanted;
        for (var number = 2; folder.Stat(name) is not null; number++) name = string.Create(CultureInfo.InvariantCulture, $"{wanted}-{number}");
        return name;
    }
}
