namespace NasSync.Ledgers;

/// <summary>
/// The durable truth about what was put where and what failed. Every method is one transaction, durable when it returns, and may be called
/// from any thread. Errors of the database come as <see cref="FailureException"/>; the ledger stays usable after them.
/// </summary>
public sealed class Ledger : IDisposable
{
    /// <summary>The ledger's file in the work folder.</summary>
    public const string FileName = "ledger.db";

    private const int PageSize = 500;

    private readonly LedgerStore _store;

    private Ledger(LedgerStore store) => _store = store;

    /// <summary>Opens the ledger of a work folder for writing; folder and ledger are created where they are missing.</summary>
    /// <param name="workDir">The work folder.</param>
    /// <param name="time">Dates the schema's history; default: the system's clock.</param>
    /// <exception cref="FailureException">
    /// Class Config: the system has no SQLite (SqliteMissing), a newer program wrote the ledger (LedgerTooNew), or it is damaged (LedgerCorrupt).
    /// Else the folder cannot be written.
    /// </exception>
    public static Ledger Open(string workDir, TimeProvider? time = null)
    {
        var path = PathIn(workDir);
        SystemSqlite.Require();
        return new Ledger(WritableStore.Open(path, time ?? TimeProvider.System));
    }

    /// <summary>
    /// Opens the ledger of a work folder for reading and touches nothing there: no file is made, changed or removed. A folder without a ledger
    /// is an empty ledger. Another process may write meanwhile; each answer is then of one moment.
    /// </summary>
    /// <inheritdoc cref="Open" path="/exception"/>
    public static Ledger OpenReadOnly(string workDir)
    {
        var path = PathIn(workDir);
        SystemSqlite.Require();
        var store = new ReadOnlyStore(path, TimeProvider.System);
        try
        {
            return store.Read(_ => new Ledger(store));
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>What is recorded of a job, superseded copies included, in no certain order.</summary>
    public IReadOnlyList<RecordedCopy> OfJob(string jobId)
    {
        ArgumentNullException.ThrowIfNull(jobId);
        return _store.Read(session => CopyRows.OfJob(session, jobId));
    }

    /// <summary>The copy that stands at a target, by <see cref="Target.Key"/>; null when none is recorded.</summary>
    public RecordedCopy? Owner(Target target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return _store.Read(session => CopyRows.Owner(session, target.Key));
    }

    /// <summary>
    /// Records copies that stand now, all or none. The row of the same job, artifact and requested target is replaced, whatever else stood at
    /// the target is marked as superseded by this job, and the item's failures are cleared.
    /// </summary>
    public void Record(IReadOnlyList<RecordedCopy> copies)
    {
        ArgumentNullException.ThrowIfNull(copies);
        if (copies.Count == 0) return;
        _store.Write((session, transaction) =>
        {
            foreach (var copy in copies)
            {
                CopyRows.Write(session, transaction, copy);
                FailureRows.ClearItem(session, transaction, copy);
            }
        });
    }

    /// <summary>
    /// Records failures, all or none. An item is known by job, artifact and target, a manifest that failed as a whole by its path; one that
    /// failed before counts its attempts up and keeps its number and the time of its first failure.
    /// </summary>
    public void RecordFailures(IReadOnlyList<RecordedFailure> failures)
    {
        ArgumentNullException.ThrowIfNull(failures);
        if (failures.Count == 0) return;
        _store.Write((session, transaction) => FailureRows.Write(session, transaction, failures));
    }

    /// <summary>Clears the failures of a manifest as a whole, because it can be read again. Those of its items stay.</summary>
    public void ForgetManifestFailure(string manifestPath)
    {
        ArgumentNullException.ThrowIfNull(manifestPath);
        _store.Write((session, transaction) => FailureRows.ClearManifest(session, transaction, manifestPath));
    }

    /// <summary>Clears failures, by number, that are over without a new copy: the item turned out unchanged, or its manifest is gone.</summary>
    public void ForgetFailures(IReadOnlyList<long> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (ids.Count == 0) return;
        _store.Write((session, transaction) =>
        {
            foreach (var id in ids) FailureRows.Clear(session, transaction, id);
        });
    }

    /// <summary>Multipart uploads to a destination that were not finished, in any order.</summary>
    internal IReadOnlyList<UnfinishedUpload> Uploads(string destination) => _store.Read(session => UploadRows.All(session, destination));

    /// <summary>Keeps an unfinished upload; one of the same content and key is replaced.</summary>
    internal void RememberUpload(string destination, UnfinishedUpload upload) =>
        _store.Write((session, transaction) => UploadRows.Upsert(session, transaction, destination, upload));

    /// <summary>Drops an upload that was finished or given up; an unknown one is no error.</summary>
    internal void ForgetUpload(string destination, string key, string uploadId) =>
        _store.Write((session, transaction) => UploadRows.Delete(session, transaction, destination, key, uploadId));

    /// <summary>What stands at each destination and root, in their order.</summary>
    public IReadOnlyList<DestinationSummary> Summary() => _store.Read(CopyRows.Summary);

    /// <summary>
    /// What is recorded, the latest commit first, superseded copies included; of one job, or of all. All of them are read in pages, so that
    /// the ledger is never held meanwhile: a copy that is recorded while the list is read may be missing from it.
    /// </summary>
    public IEnumerable<RecordedCopy> Copies(string? jobId = null)
    {
        if (jobId is not null)
        {
            foreach (var copy in OfJob(jobId).OrderByDescending(copy => copy.Receipt.CommittedAt)) yield return copy;
            yield break;
        }

        RecordedCopy? last = null;
        while (true)
        {
            var page = _store.Read(session => CopyRows.Page(session, last, PageSize));
            foreach (var copy in page) yield return copy;
            if (page.Count < PageSize) yield break;
            last = page[^1];
        }
    }

    /// <summary>What failed and has not succeeded since, the latest first.</summary>
    public IReadOnlyList<RecordedFailure> Failures() => _store.Read(FailureRows.All);

    /// <summary>Closes the file. Calling it twice is harmless.</summary>
    public void Dispose() => _store.Dispose();

    private static string PathIn(string workDir)
    {
        ArgumentException.ThrowIfNullOrEmpty(workDir);
        return Path.Combine(Path.GetFullPath(workDir), FileName);
    }
}
