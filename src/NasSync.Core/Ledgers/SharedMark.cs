using System.Globalization;
using NasSync.Failures;

namespace NasSync.Ledgers;

/// <summary>
/// A file in the work folder that says which shared ledger knows what was done here, and up to which of its runs. A ledger that is another one,
/// was emptied, or was set back to an older state does not know it, and is treated like one that was lost.
/// </summary>
/// <param name="workDir">The work folder, as a full path.</param>
internal sealed class SharedMark(string workDir)
{
    /// <summary>The file's name in the work folder.</summary>
    public const string FileName = "ledger.shared";

    private readonly string _path = Path.Combine(workDir, FileName);

    /// <summary>Whether the last ledger that was used here was a shared one.</summary>
    public bool Exists => File.Exists(_path);

    /// <summary>What speaks against a ledger knowing what was done in this folder; null when nothing does.</summary>
    /// <param name="ledger">Which ledger it is and how many runs it has seen; null when it is empty.</param>
    /// <param name="name">What the ledger is called.</param>
    public Notice? Compare(SharedState? ledger, string name)
    {
        var had = new LedgerFiles(Path.Combine(workDir, Ledger.FileName)).HasFileMark;
        if (!Exists && ledger is null && !had && PlacesFile.IsIn(workDir)) return LedgerFailure.Lost(name);
        if (!Exists) return had ? LedgerFailure.Replaced(name) : null;
        var known = Read();
        if (ledger is null) return LedgerFailure.Lost(name);
        if (known is null || known.Value.Id != ledger.Value.Id) return LedgerFailure.Replaced(name);
        return ledger.Value.Runs < known.Value.Runs ? LedgerFailure.SetBack(name) : null;
    }

    /// <summary>Notes that a ledger knows all that was done here.</summary>
    public void Note(SharedState ledger)
    {
        try
        {
            // A mark that was cut off is that of no ledger, which is on the safe side.
            Directory.CreateDirectory(workDir);
            File.WriteAllText(_path, string.Create(
                CultureInfo.InvariantCulture,
                $"{ledger.Id} {ledger.Runs}\nThe shared ledger that knows what was done from this folder. This file stays, so that a lost ledger is known to be lost.\n"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException(SystemFailure.FromException(e, "write", _path), e);
        }
    }

    /// <summary>Takes the mark away: a ledger in the work folder is used from now on.</summary>
    public void Remove() => File.Delete(_path);

    private SharedState? Read()
    {
        try
        {
            return File.ReadLines(_path).FirstOrDefault()?.Split(' ') is [var id, var runs]
                && long.TryParse(id, CultureInfo.InvariantCulture, out var known) && long.TryParse(runs, CultureInfo.InvariantCulture, out var seen)
                ? new SharedState(known, seen)
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException(SystemFailure.FromException(e, "read", _path), e);
        }
    }
}

/// <summary>Which shared ledger, and how far it is.</summary>
/// <param name="Id">A number that it got when it was made.</param>
/// <param name="Runs">How often it was opened for writing.</param>
internal readonly record struct SharedState(long Id, long Runs);
