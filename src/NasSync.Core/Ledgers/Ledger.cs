using System.Collections;
using NasSync.Config;
using NasSync.Planning;

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
    private readonly string _folder;
    private readonly PlacesFile _places;

    private Ledger(LedgerStore store, string folder) =>
        (_store, _folder, _places, Outbox) = (store, folder, new PlacesFile(folder), new Outbox(store));

    /// <summary>What people should be told of this ledger, once: that the one before was damaged or is gone. Else null.</summary>
    public Notice? Notice => _store.Notice;

    /// <summary>
    /// Whether this ledger took the place of one that was lost, and no run has gone to its end since. Until then a source that nothing is
    /// recorded of may be one that was, so none is removed.
    /// </summary>
    public bool IsRebuilding => _store.IsRebuilding;

    /// <summary>Whether it is in a database that other machines may use too, so that what it knows of paths is not this machine's alone.</summary>
    public bool IsShared => _store.IsShared;

    /// <summary>
    /// Opens the ledger of a configuration for writing: the one of its work folder, or the PostgreSQL database that it names, whose lock is then held
    /// until the ledger is closed. Schema and tables are made where they are missing. Meant for who holds the <see cref="WorkLock"/>.
    /// </summary>
    /// <param name="config">The configuration.</param>
    /// <param name="variables">Where references to secrets are looked up; null: this process's environment.</param>
    /// <param name="time">The clock; default: the system's.</param>
    /// <exception cref="FailureException">
    /// As <see cref="Open(string, TimeProvider?)"/>. Of a database: another program writes it (class Conflict, code Locked), it cannot be reached
    /// (Unavailable, LedgerUnreachable), or setting, login, database or rights are wrong.
    /// </exception>
    public static Ledger Open(SyncConfig config, IReadOnlyDictionary<string, string>? variables = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (config.Ledger is null) return Open(config.WorkDir, time);
        var folder = Path.GetFullPath(config.WorkDir);
        var source = PostgresSource.Of(config.Ledger, variables ?? Variables(), config.Retry);
        return ForWriting(PostgresWriter.Open(source, folder, time ?? TimeProvider.System), folder);
    }

    /// <summary>Opens the ledger of a configuration for reading; no lock is taken, and nothing is made or changed.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="variables">Where references to secrets are looked up; null: this process's environment.</param>
    /// <exception cref="FailureException">As <see cref="OpenReadOnly(string)"/>, or a database cannot be used.</exception>
    public static Ledger OpenReadOnly(SyncConfig config, IReadOnlyDictionary<string, string>? variables = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (config.Ledger is null) return OpenReadOnly(config.WorkDir);
        var folder = Path.GetFullPath(config.WorkDir);
        return new Ledger(
            PostgresReader.Open(PostgresSource.Of(config.Ledger, variables ?? Variables(), config.Retry), folder, TimeProvider.System),
            folder);
    }

    /// <summary>
    /// Opens the ledger of a work folder for writing; folder and ledger are created where they are missing, and a damaged ledger is set aside
    /// as <c>ledger.db.corrupt-TIME</c> and replaced (<see cref="Notice"/>). Meant for who holds the <see cref="WorkLock"/>.
    /// </summary>
    /// <param name="workDir">The work folder.</param>
    /// <param name="time">Dates the schema's history; default: the system's clock.</param>
    /// <exception cref="FailureException">
    /// Class Config: the system has no SQLite (SqliteMissing), or a newer program wrote the ledger (LedgerTooNew). Else the folder cannot be written.
    /// </exception>
    public static Ledger Open(string workDir, TimeProvider? time = null)
    {
        var path = PathIn(workDir);
        SqliteLibrary.Require();
        return ForWriting(WritableStore.Open(path, time ?? TimeProvider.System), Path.GetDirectoryName(path)!);
    }

    /// <summary>
    /// Opens the ledger of a work folder for reading and touches nothing there: no file is made, changed or removed. A folder without a ledger
    /// is an empty ledger. Another process may write meanwhile; each answer is then of one moment.
    /// </summary>
    /// <exception cref="FailureException">
    /// Class Config: the system has no SQLite (SqliteMissing), a newer program wrote the ledger (LedgerTooNew), or it is damaged (LedgerCorrupt).
    /// Else it cannot be read.
    /// </exception>
    public static Ledger OpenReadOnly(string workDir)
    {
        var path = PathIn(workDir);
        SqliteLibrary.Require();
        WorkFolder.RequireFiles(Path.GetDirectoryName(path)!);
        var store = new ReadOnlyStore(path, TimeProvider.System);
        try
        {
            return store.Read(_ => new Ledger(store, Path.GetDirectoryName(path)!));
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

    /// <summary>Whether anything is recorded of a job.</summary>
    internal bool HasJob(string jobId) => _store.Read(session => CopyRows.HasJob(session, jobId));

    /// <summary>As <see cref="OfJob"/>, as much of it as is compared.</summary>
    internal void Know(string jobId, KnownCopies copies) => _store.Read(session => CopyRows.Know(session, jobId, copies));

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
    public void Record(IReadOnlyList<RecordedCopy> copies) => Record(copies, [], default);

    /// <summary>As <see cref="Record(IReadOnlyList{RecordedCopy})"/>, and says of sources that they may be gone from now on.</summary>
    internal void Record(IReadOnlyList<RecordedCopy> copies, IReadOnlyList<SourceName> released, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(copies);
        if (copies.Count == 0 && released.Count == 0) return;
        _store.Write((session, transaction) =>
        {
            foreach (var copy in copies)
            {
                CopyRows.Write(session, transaction, copy);
                FailureRows.ClearItem(session, transaction, copy);
            }

            foreach (var source in released) CopyRows.MarkReleased(session, transaction, source, at);
        });
    }

    /// <summary>Says of sources that they may be gone; what was said of one before stays.</summary>
    internal void MarkReleased(IReadOnlyList<SourceName> sources, DateTimeOffset at) => Record([], sources, at);

    /// <summary>
    /// Notes the change times of sources whose content was found to be what their copies hold, so that it need not be read again for them.
    /// </summary>
    internal void NoteChangeTimes(IReadOnlyList<(SourceName Name, FileState Source)> sources)
    {
        if (sources.Count == 0) return;
        _store.Write((session, transaction) =>
        {
            foreach (var (name, source) in sources) CopyRows.NoteChangeTime(session, transaction, name, source);
        });
    }

    /// <summary>Takes back what was said of a source at that time, because it stayed.</summary>
    internal void KeepSource(SourceName source, DateTimeOffset at) =>
        _store.Write((session, transaction) => CopyRows.KeepSource(session, transaction, source, at));

    /// <summary>
    /// Records failures, all or none. An item is known by job, artifact and target, a manifest that failed as a whole by its path; one that
    /// failed before counts its attempts up and keeps its number and the time of its first failure.
    /// </summary>
    /// <param name="failures">What failed.</param>
    /// <param name="nextAt">Says when a failure, with the attempts of all runs, may be tried again; null takes what each failure says.</param>
    public void RecordFailures(IReadOnlyList<RecordedFailure> failures, Func<RecordedFailure, DateTimeOffset?>? nextAt = null)
    {
        ArgumentNullException.ThrowIfNull(failures);
        if (failures.Count == 0) return;
        _store.Write((session, transaction) => FailureRows.Write(session, transaction, failures, nextAt));
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

    /// <summary>The recorded paths with a name that a file of ours could have: versions before this one copied to them.</summary>
    internal IReadOnlyList<RelativePath> PathsWithReservedNames() => _store.Read(CopyRows.WithReservedNames);

    /// <summary>
    /// To be called before new work is taken: throws when the work folder's file system has too little left, while there is still room to record
    /// what is under way.
    /// </summary>
    /// <param name="leastFree">How much must be free, in bytes; default 64 MiB.</param>
    /// <exception cref="FailureException">Class NoSpace, code WorkDirFull.</exception>
    public void RequireRoom(long leastFree = WorkFolder.LeastFree) => WorkFolder.RequireRoom(_folder, leastFree);

    /// <summary>Says that a run has gone to its end: what it saw at the targets is recorded.</summary>
    public void FinishRebuilding() => _store.FinishRebuilding();

    /// <summary>Multipart uploads to a destination that were not finished, in any order.</summary>
    internal IReadOnlyList<UnfinishedUpload> Uploads(string destination) => _store.Read(session => UploadRows.All(session, destination));

    /// <summary>Keeps an unfinished upload; one of the same content and key is replaced.</summary>
    internal void RememberUpload(string destination, UnfinishedUpload upload) =>
        _store.Write((session, transaction) => UploadRows.Upsert(session, transaction, destination, upload));

    /// <summary>Drops an upload that was finished or given up; an unknown one is no error.</summary>
    internal void ForgetUpload(string destination, string key, string uploadId) =>
        _store.Write((session, transaction) => UploadRows.Delete(session, transaction, destination, key, uploadId));

    /// <summary>What webhooks are still to be told.</summary>
    internal Outbox Outbox { get; }

    /// <summary>How the folder at a root is known again; null when nothing was written there yet.</summary>
    internal RecordedPlace? Place(string root) => Known(root) is { } known && known != RecordedPlace.Accepted ? known : null;

    /// <summary>
    /// Whether a folder without a marker may get one, because nothing is known of it. Not while a ledger is rebuilt that may have known it: then the
    /// folder may be the empty one below a mount that is missing. Nor where another place that is known has gone from the same folder.
    /// </summary>
    internal bool MayMark(string root) =>
        Known(root) is { } known ? known == RecordedPlace.Accepted : !IsRebuilding && _places.KnowsAll && EmptiedAbove(root) is null;

    /// <summary>Whether someone said that a folder is taken as it is, and no copy was made there since.</summary>
    internal bool IsAccepted(string root) => Known(root) == RecordedPlace.Accepted;

    /// <summary>The empty folder in which a place would be made, and from which another one has gone; null when there is none.</summary>
    internal EmptiedFolder? EmptiedAbove(string root) => EmptiedFolder.Above(root, _places.Roots);

    /// <summary>Keeps how a folder is known again, in the file beside the ledger too; what was known of it is replaced.</summary>
    internal void RememberPlace(string root, RecordedPlace place, DateTimeOffset now)
    {
        _places.Set(root, place);
        _store.Write((session, transaction) => PlaceRows.Upsert(session, transaction, root, place, now));
    }

    /// <summary>
    /// Lets the next copy to a root take the folder that stands there then for the right one, whatever was known of it: the place was set up anew.
    /// </summary>
    /// <returns>False when nothing was known of it, and nothing forbids that it is marked; true also where it was accepted before.</returns>
    public bool ForgetPlace(string root)
    {
        ArgumentNullException.ThrowIfNull(root);
        if (Known(root) is null && MayMark(root)) return false;
        Accept(root);
        _places.LookAgain(root);
        return true;
    }

    /// <summary>
    /// Whether a place was accepted as it is, and no whole run has looked since at the copies there: it may be an empty disk, so that the ledger's
    /// word does not count.
    /// </summary>
    internal bool LooksAgain => _places.LooksAgain;

    /// <summary>Says that a whole run has looked.</summary>
    internal void LookedAgain() => _places.LookedAgain();

    /// <summary>Whether copies in a root on a server are recorded, or were once remembered, and nobody accepted since that it begins anew.</summary>
    internal bool HoldsCopies(string destination, string root) => Known(ServerKey(destination, root)) is { } known
        ? known != RecordedPlace.Accepted
        : _store.Read(session => CopyRows.AreAt(session, destination, root));

    /// <summary>Whether someone said that a root on a server is taken as it is, and no copy was made there since.</summary>
    internal bool IsAcceptedServer(string destination, string root) => IsAccepted(ServerKey(destination, root));

    /// <summary>Remembers that there is a copy in a root on a server, in the file beside the ledger too.</summary>
    internal void RememberServer(string destination, string root, DateTimeOffset now)
    {
        var key = ServerKey(destination, root);
        if (Known(key) != RecordedPlace.OnServer) RememberPlace(key, RecordedPlace.OnServer, now);
    }

    /// <summary>Lets the next copy to a root on a server make or fill it, although copies in it are recorded and it is missing or empty.</summary>
    /// <returns>False when no copy in it is recorded; true also where it was accepted before.</returns>
    public bool ForgetServer(string destination, string root)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(root);
        var key = ServerKey(destination, root);
        if (Known(key) is null && !HoldsCopies(destination, root)) return false;
        Accept(key);
        _places.LookAgain(key);
        return true;
    }

    /// <summary>How the outputs folder is known again; null when no run has seen a job there yet.</summary>
    internal RecordedPlace? Source(string outputs) => Place(SourceKey(outputs));

    /// <summary>Keeps how the outputs folder is known again.</summary>
    internal void RememberSource(string outputs, RecordedPlace place, DateTimeOffset now) => RememberPlace(SourceKey(outputs), place, now);

    /// <summary>Lets the next run take the outputs folder for the right one, as it is then, whatever was known of it.</summary>
    /// <returns>False when nothing was known of it; true also where it was accepted before.</returns>
    public bool ForgetSource(string outputs)
    {
        if (Known(SourceKey(outputs)) is null) return false;
        Accept(SourceKey(outputs));
        return true;
    }

    // What other machines remember of it must not count either, so where they share the ledger a row says so.
    private void Accept(string key)
    {
        _store.Write((session, transaction) =>
        {
            if (IsShared) PlaceRows.Upsert(session, transaction, key, RecordedPlace.Accepted, DateTimeOffset.UnixEpoch);
            else PlaceRows.Delete(session, transaction, key);
        });
        _places.Set(key, RecordedPlace.Accepted);
    }

    // The file is written with each change here; a ledger may be lost or set back. What is shared another machine may have changed since.
    private RecordedPlace? Known(string key)
    {
        var (row, kept) = (_store.Read(session => PlaceRows.Find(session, key)), _places.Find(key));
        return IsShared ? row ?? kept : kept ?? row;
    }

    private static Ledger ForWriting(LedgerStore store, string folder)
    {
        var ledger = new Ledger(store, folder);
        try
        {
            ledger._places.TakeIn(store.Read(PlaceRows.All), store.IsShared, store.IsRebuilding);
            return ledger;
        }
        catch
        {
            ledger.Dispose();
            throw;
        }
    }

    // In the table of places; a root is a full path, so that none has such a key.
    private static string SourceKey(string outputs) => "source:" + outputs;

    private static string ServerKey(string destination, string root) => $"server:{destination.ToLowerInvariant()}:{root.TrimEnd('/')}";

    /// <summary>What stands at each destination and root, in their order.</summary>
    public IReadOnlyList<DestinationSummary> Summary() => _store.Read(CopyRows.Summary);

    /// <summary>The jobs that have a copy which stands, in their order.</summary>
    public IReadOnlyList<string> Jobs() => _store.Read(CopyRows.Jobs);

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

    /// <summary>Closes the file or the connection. Calling it twice is harmless.</summary>
    public void Dispose() => _store.Dispose();

    private static Dictionary<string, string> Variables() => Environment.GetEnvironmentVariables()
        .Cast<DictionaryEntry>()
        .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? "", StringComparer.Ordinal);

    private static string PathIn(string workDir)
    {
        ArgumentException.ThrowIfNullOrEmpty(workDir);
        return Path.Combine(Path.GetFullPath(workDir), FileName);
    }
}
