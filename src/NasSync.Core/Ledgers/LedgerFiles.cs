using System.Globalization;
using NasSync.Failures;
using NasSync.Files;

namespace NasSync.Ledgers;

/// <summary>The ledger's file and the files beside it.</summary>
/// <param name="path">The ledger's file, as a full path.</param>
internal sealed class LedgerFiles(string path)
{
    public const string LogSuffix = "-wal", IndexSuffix = "-shm", SuspectSuffix = ".suspect";

    // Proves that a ledger was made here, so that a missing one counts as lost and not as a first run.
    private readonly string _made = Path.ChangeExtension(path, ".made");
    private readonly string _suspect = path + SuspectSuffix;

    private readonly SharedMark _shared = new(Path.GetDirectoryName(path)!);

    /// <summary>Whether a ledger file was made in this folder before.</summary>
    public bool HasFileMark => File.Exists(_made);

    /// <summary>Whether the last ledger used here was in a shared database.</summary>
    public bool WasShared => _shared.Exists;

    /// <summary>Whether any ledger was made or used here before.</summary>
    public bool WasMade => HasFileMark || WasShared || PlacesFile.IsIn(Path.GetDirectoryName(path)!);

    /// <summary>Whether damage was found while the ledger was in use.</summary>
    public bool IsSuspect => File.Exists(_suspect);

    /// <summary>Whether the last writer did not close the ledger: closing removes the write-ahead log.</summary>
    public bool WasCutOff => new FileInfo(path + LogSuffix) is { Exists: true, Length: > 0 };

    /// <summary>Whether a ledger was made here and its file is now missing or empty.</summary>
    public bool IsLost => WasMade && new FileInfo(path) is not { Exists: true, Length: > 0 };

    /// <summary>Notes that a healthy ledger is here from now on.</summary>
    public void NoteMade()
    {
        File.Delete(_suspect);
        if (!HasFileMark)
            File.WriteAllText(_made, "A ledger was made in this folder. This file stays, so that a missing ledger is known to be lost.\n");
        if (WasShared) _shared.Remove();
    }

    /// <summary>Makes the next writer check the whole ledger. May fail silently: the damage will be found again.</summary>
    public void NoteSuspect()
    {
        try
        {
            File.WriteAllText(_suspect, "Damage was met in the ledger; the next run examines it.\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Report the failure that led here instead.
        }
    }

    /// <summary>Renames the ledger, its log and its index and keeps them. No process may have them open.</summary>
    /// <returns>The ledger's new name.</returns>
    public string SetAside(DateTimeOffset now)
    {
        var name = Path.GetFileName(path);
        try
        {
            using var root = SafeRoot.Open(Path.GetDirectoryName(path)!);
            using var folder = root.OpenFolder(null, create: false);
            var aside = FreeName(folder, string.Create(CultureInfo.InvariantCulture, $"{name}.corrupt-{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}"));

            // Rename the ledger file last: after an interruption the damaged ledger is still in its place.
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

    /// <summary>The path for a backup of the ledger before a migration. Deletes an existing file, which a failed migration left.</summary>
    public string PrepareBackup(int version)
    {
        var backup = string.Create(CultureInfo.InvariantCulture, $"{path}.before-{version}");
        File.Delete(backup);
        return backup;
    }

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
