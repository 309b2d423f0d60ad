using System.Globalization;
using NasSync.Failures;

namespace NasSync.Ledgers;

/// <summary>
/// A file in the work folder that names the shared ledger that knows what was done here, and its latest run. Another ledger, an emptied one, or one
/// restored to an older state does not know that work, and counts as lost.
/// </summary>
/// <param name="workDir">The work folder, as a full path.</param>
internal sealed class SharedMark(string workDir)
{
    /// <summary>The file's name in the work folder.</summary>
    public const string FileName = "ledger.shared";

    private const string Explanation =
        "The shared ledger that knows what was done from this folder. This file stays, so that a lost ledger is known to be lost.\n";

    private readonly string _path = Path.Combine(workDir, FileName);

    /// <summary>Whether the last ledger used here was a shared one.</summary>
    public bool Exists => File.Exists(_path);

    /// <summary>The reason why a ledger may not know what was done in this folder; null when there is none.</summary>
    /// <param name="ledger">The ledger's identity and run count; null when it is empty.</param>
    /// <param name="name">The ledger's name in messages.</param>
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

    /// <summary>Notes that a ledger knows everything that was done here.</summary>
    public void Note(SharedState ledger)
    {
        try
        {
            // A truncated mark matches no ledger, which errs on the safe side.
            Directory.CreateDirectory(workDir);
            File.WriteAllText(_path, string.Create(
                CultureInfo.InvariantCulture,
                $"{ledger.Id} {ledger.Runs}\n{Explanation}"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException(SystemFailure.FromException(e, "write", _path), e);
        }
    }

    /// <summary>Removes the mark, because a ledger in the work folder is used from now on.</summary>
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

/// <summary>The identity and progress of a shared ledger.</summary>
/// <param name="Id">A random number, set when the ledger is first opened for writing.</param>
/// <param name="Runs">How often it was opened for writing.</param>
internal readonly record struct SharedState(long Id, long Runs);
