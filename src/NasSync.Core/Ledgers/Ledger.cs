using System.Collections;
using NasSync.Config;
using NasSync.Planning;

namespace NasSync.Ledgers;

/// <summary>
/// The durable record of what was copied where and what failed. Every method is one transaction that is durable when it returns; all may be called
/// from any thread. Database errors are thrown as <see cref="FailureException"/> and leave the ledger usable.
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

    /// <summary>A notice for people that the previous ledger was damaged, lost or replaced; null when there is none.</summary>
    public Notice? Notice => _store.Notice;

    /// <summary>
    /// Whether this ledger replaced a lost one and no run has completed since. Until then an unrecorded source may have been recorded in the lost
    /// ledger, so no source is removed.
    /// </summary>
    public bool IsRebuilding => _store.IsRebuilding;

    /// <summary>Whether the ledger is in a database that other machines may use too, so that its paths are not necessarily this machine's.</summary>
    public bool IsShared => _store.IsShared;

    /// <summary>
    /// Opens a configuration's ledger for writing: the one in its work folder, or the PostgreSQL database that it names, whose lock is held until the
    /// ledger is closed. Creates a missing schema and missing tables. The caller must hold the <see cref="WorkLock"/>.
    /// </summary>
    /// <param name="config">The configuration.</param>
    /// <param name="variables">Resolves references to secrets; null uses this process's environment.</param>
    /// <param name="time">The clock; null uses the system's.</param>
    /// <exception cref="FailureException">As <see cref="Open(string, TimeProvider?)"/>. For a database: another program writes it (class Conflict,
    /// code Locked), it cannot be reached (Unavailable, LedgerUnreachable), or setting, login, database or rights are wrong.</exception>
    public static Ledger Open(SyncConfig config, IReadOnlyDictionary<string, string>? variables = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (config.Ledger is null) return Open(config.WorkDir, time);
        var folder = Path.GetFullPath(config.WorkDir);
        var source = PostgresSource.Of(config.Ledger, variables ?? Variables(), config.Retry);
        return ForWriting(PostgresWriter.Open(source, folder, time ?? TimeProvider.System), folder);
    }

    /// <summary>Opens a configuration's ledger for reading. Takes no lock, and creates and changes nothing.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="variables">Resolves references to secrets; null uses this process's environment.</param>
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
    /// Opens the ledger of a work folder for writing. Creates a missing folder and ledger; renames a damaged ledger to <c>ledger.db.corrupt-TIME</c>
    /// and replaces it (<see cref="Notice"/>). The caller must hold the <see cref="WorkLock"/>.
    /// </summary>
    /// <param name="workDir">The work folder.</param>
    /// <param name="time">Dates the schema history; null uses the system's clock.</param>
    /// <exception cref="FailureException">Class Config: the system has no SQLite (SqliteMissing), or a newer program wrote the ledger (LedgerTooNew).
    /// Otherwise the folder cannot be written.</exception>
    public static Ledger Open(string workDir, TimeProvider? time = null)
    {
        var path = PathIn(workDir);
        SqliteLibrary.Require();
        return ForWriting(WritableStore.Open(path, time ?? TimeProvider.System), Path.GetDirectoryName(path)!);
    }

    /// <summary>
    /// Opens the ledger of a work folder for reading, without creating, changing or removing any file there. A folder without a ledger reads as an
    /// empty one. Another process may write meanwhile; each answer is a consistent snapshot.
    /// </summary>
    /// <exception cref="FailureException">Class Config: the system has no SQLite (SqliteMissing), a newer program wrote the ledger (LedgerTooNew), or
    /// the ledger is damaged (LedgerCorrupt). Otherwise the ledger cannot be read.</exception>
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

    /// <summary>The recorded copies of a job, including superseded ones, in no particular order.</summary>
    public IReadOnlyList<RecordedCopy> OfJob(string jobId)
    {
        ArgumentNullException.ThrowIfNull(jobId);
        return _store.Read(session => CopyRows.OfJob(session, jobId));
    }

    /// <summary>Whether anything is recorded of a job.</summary>
    internal bool HasJob(string jobId) => _store.Read(session => CopyRows.HasJob(session, jobId));

    /// <summary>Like <see cref="OfJob"/>, but reads only the columns that planning compares.</summary>
    internal void Know(string jobId, KnownCopies copies) => _store.Read(session => CopyRows.Know(session, jobId, copies));

    /// <summary>The current copy at a target, by <see cref="Target.Key"/>; null when none is recorded.</summary>
    public RecordedCopy? Owner(Target target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return _store.Read(session => CopyRows.Owner(session, target.Key));
    }

    /// <summary>
    /// Records current copies, all or none. Replaces the row of the same job, artifact and requested target, marks any other copy at the target as
    /// superseded by this job, and clears the item's failures.
    /// </summary>
    public void Record(IReadOnlyList<RecordedCopy> copies) => Record(copies, [], default);

    /// <summary>Like <see cref="Record(IReadOnlyList{RecordedCopy})"/>; also notes that some sources may be gone from now on.</summary>
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

    /// <summary>Notes that sources may be gone; an earlier note about a source stays.</summary>
    internal void MarkReleased(IReadOnlyList<SourceName> sources, DateTimeOffset at) => Record([], sources, at);

    /// <summary>
    /// Stores the change times of sources whose content was compared with their copies and found equal, so that the next run need not read them
    /// again.
    /// </summary>
    internal void NoteChangeTimes(IReadOnlyList<(SourceName Name, FileState Source)> sources)
    {
        if (sources.Count == 0) return;
        _store.Write((session, transaction) =>
        {
            foreach (var (name, source) in sources) CopyRows.NoteChangeTime(session, transaction, name, source);
        });
    }

    /// <summary>Undoes the note made at that time, because the source stayed.</summary>
    internal void KeepSource(SourceName source, DateTimeOffset at) =>
        _store.Write((session, transaction) => CopyRows.KeepSource(session, transaction, source, at));

    /// <summary>
    /// Records failures, all or none. Job, artifact and target identify an item; its path identifies a manifest that failed as a whole. A known
    /// failure adds up its attempts and keeps its number and the time of its first failure.
    /// </summary>
    /// <param name="failures">What failed.</param>
    /// <param name="nextAt">Computes when a failure may be retried, given its attempts over all runs; null uses each failure's own value.</param>
    public void RecordFailures(IReadOnlyList<RecordedFailure> failures, Func<RecordedFailure, DateTimeOffset?>? nextAt = null)
    {
        ArgumentNullException.ThrowIfNull(failures);
        if (failures.Count == 0) return;
        _store.Write((session, transaction) => FailureRows.Write(session, transaction, failures, nextAt));
    }

    /// <summary>Clears the failures of a manifest as a whole, because it can be read again. Failures of its items stay.</summary>
    public void ForgetManifestFailure(string manifestPath)
    {
        ArgumentNullException.ThrowIfNull(manifestPath);
        _store.Write((session, transaction) => FailureRows.ClearManifest(session, transaction, manifestPath));
    }

    /// <summary>Clears failures that ended without a new copy, by number: the item turned out unchanged, or its manifest is gone.</summary>
    public void ForgetFailures(IReadOnlyList<long> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (ids.Count == 0) return;
        _store.Write((session, transaction) =>
        {
            foreach (var id in ids) FailureRows.Clear(session, transaction, id);
        });
    }

    /// <summary>The recorded paths that NasSync now reserves for its own files; earlier versions copied to them.</summary>
    internal IReadOnlyList<RelativePath> PathsWithReservedNames() => _store.Read(CopyRows.WithReservedNames);

    /// <summary>
    /// Throws when the work folder's file system is nearly full. Call it before taking new work, while there is still room to record the work in
    /// progress.
    /// </summary>
    /// <param name="leastFree">The least free space, in bytes; default 64 MiB.</param>
    /// <exception cref="FailureException">Class NoSpace, code WorkDirFull.</exception>
    public void RequireRoom(long leastFree = WorkFolder.LeastFree) => WorkFolder.RequireRoom(_folder, leastFree);

    /// <summary>Notes that a run has completed and recorded what it found at the targets; ends <see cref="IsRebuilding"/>.</summary>
    public void FinishRebuilding() => _store.FinishRebuilding();

    /// <summary>Unfinished multipart uploads to a destination, in no particular order.</summary>
    internal IReadOnlyList<UnfinishedUpload> Uploads(string destination) => _store.Read(session => UploadRows.All(session, destination));

    /// <summary>Stores an unfinished upload; replaces one with the same content and key.</summary>
    internal void RememberUpload(string destination, UnfinishedUpload upload) =>
        _store.Write((session, transaction) => UploadRows.Upsert(session, transaction, destination, upload));

    /// <summary>Removes an upload that was completed or aborted; an unknown one is no error.</summary>
    internal void ForgetUpload(string destination, string key, string uploadId) =>
        _store.Write((session, transaction) => UploadRows.Delete(session, transaction, destination, key, uploadId));

    /// <summary>The queue of webhook deliveries.</summary>
    internal Outbox Outbox { get; }

    /// <summary>How to recognize the folder at a root; null when nothing was written there yet.</summary>
    internal RecordedPlace? Place(string root) => Known(root) is { } known && known != RecordedPlace.Accepted ? known : null;

    /// <summary>
    /// Whether a folder without a marker may get one, because nothing was ever copied to it. False when the list of known places is incomplete:
    /// the folder may be the empty mount point of a missing mount. Also false when another known place has vanished from the same parent folder.
    /// </summary>
    internal bool MayMark(string root) =>
        Known(root) is { } known ? known == RecordedPlace.Accepted : KnowsAllPlaces && EmptiedAbove(root) is null;

    // The places file outlives a lost ledger. Only a shared ledger lists the places of other machines, so its loss makes the list incomplete.
    private bool KnowsAllPlaces => IsRebuilding ? !IsShared && _places.KnowsAll == true : _places.KnowsAll != false;

    /// <summary>Whether the folder was accepted as it is, and no copy was made there since.</summary>
    internal bool IsAccepted(string root) => Known(root) == RecordedPlace.Accepted;

    /// <summary>The empty folder in which a place would be created and from which another place has vanished; null when there is none.</summary>
    internal EmptiedFolder? EmptiedAbove(string root) => EmptiedFolder.Above(root, _places.Roots);

    /// <summary>Stores how to recognize a folder, in the places file too; replaces what was stored before.</summary>
    internal void RememberPlace(string root, RecordedPlace place, DateTimeOffset now)
    {
        _places.Set(root, place);
        _store.Write((session, transaction) => PlaceRows.Upsert(session, transaction, root, place, now));
    }

    /// <summary>Makes the next copy accept the folder at a root as it is then, because the destination was set up again.</summary>
    /// <returns>False when the root is unknown and nothing forbids marking it; true also when it was accepted before.</returns>
    public bool ForgetPlace(string root)
    {
        ArgumentNullException.ThrowIfNull(root);
        if (!KnowsPlace(root)) return false;
        Accept(root);
        _places.LookAgain(root);
        return true;
    }

    /// <summary>Whether there is anything to accept of a root: something is known of it, or forbids that it is marked.</summary>
    public bool KnowsPlace(string root)
    {
        ArgumentNullException.ThrowIfNull(root);
        return Known(root) is not null || !MayMark(root);
    }

    /// <summary>
    /// Whether a place was accepted as it is and no complete run has checked its copies since. It may be an empty disk, so the recorded copies are
    /// not trusted.
    /// </summary>
    internal bool LooksAgain => _places.LooksAgain;

    /// <summary>Notes that a complete run has checked the copies.</summary>
    internal void LookedAgain() => _places.LookedAgain();

    /// <summary>Whether copies at a root on a server are recorded or were remembered, and the root was not accepted as new since.</summary>
    internal bool HoldsCopies(string destination, string root) => Known(ServerKey(destination, root)) is { } known
        ? known != RecordedPlace.Accepted
        : _store.Read(session => CopyRows.AreAt(session, destination, root));

    /// <summary>Whether the root on a server was accepted as it is, and no copy was made there since.</summary>
    internal bool IsAcceptedServer(string destination, string root) => IsAccepted(ServerKey(destination, root));

    /// <summary>Remembers that a root on a server holds a copy, in the places file too.</summary>
    internal void RememberServer(string destination, string root, DateTimeOffset now)
    {
        var key = ServerKey(destination, root);
        if (Known(key) != RecordedPlace.OnServer) RememberPlace(key, RecordedPlace.OnServer, now);
    }

    /// <summary>Lets the next copy create or fill a root on a server that is missing or empty although copies in it are recorded.</summary>
    /// <returns>False when no copy in it is recorded; true also when it was accepted before.</returns>
    public bool ForgetServer(string destination, string root)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(root);
        if (!KnowsServer(destination, root)) return false;
        var key = ServerKey(destination, root);
        Accept(key);
        _places.LookAgain(key);
        return true;
    }

    /// <summary>Whether there is anything to accept of a root on a server: a copy in it is recorded, or it was accepted before.</summary>
    public bool KnowsServer(string destination, string root)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(root);
        return Known(ServerKey(destination, root)) is not null || HoldsCopies(destination, root);
    }

    /// <summary>How to recognize the outputs folder; null when no run has seen a job there yet.</summary>
    internal RecordedPlace? Source(string outputs) => Place(SourceKey(outputs));

    /// <summary>Stores how to recognize the outputs folder.</summary>
    internal void RememberSource(string outputs, RecordedPlace place, DateTimeOffset now) => RememberPlace(SourceKey(outputs), place, now);

    /// <summary>Lets the next run accept the outputs folder as it is then.</summary>
    /// <returns>False when nothing was stored about the folder; true also when it was accepted before.</returns>
    public bool ForgetSource(string outputs)
    {
        if (!KnowsSource(outputs)) return false;
        Accept(SourceKey(outputs));
        return true;
    }

    /// <summary>Whether there is anything to accept of an outputs folder: a run has seen a job in it.</summary>
    public bool KnowsSource(string outputs) => Known(SourceKey(outputs)) is not null;

    // In a shared ledger a row overrides what other machines remember of the place; deleting the row would not.
    private void Accept(string key)
    {
        _store.Write((session, transaction) =>
        {
            if (IsShared) PlaceRows.Upsert(session, transaction, key, RecordedPlace.Accepted, DateTimeOffset.UnixEpoch);
            else PlaceRows.Delete(session, transaction, key);
        });
        _places.Set(key, RecordedPlace.Accepted);
    }

    // Prefers the places file, which every change here updates, because a ledger may be lost or restored. Prefers a shared ledger's row, which
    // another machine may have changed since.
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
            var isIncomplete = !store.IsShared && store.Read(session => MarkRows.IsSet(session, MarkRows.PlacesIncomplete));
            ledger._places.TakeIn(store.Read(PlaceRows.All), store.IsShared, isIncomplete || store.IsRebuilding);

            // The file may be damaged later, when the ledger is whole again and nothing else tells.
            if (!store.IsShared && !isIncomplete && ledger._places.KnowsAll == false)
                store.Write((session, transaction) => MarkRows.Set(session, transaction, MarkRows.PlacesIncomplete, sinceNs: 0));
            return ledger;
        }
        catch
        {
            ledger.Dispose();
            throw;
        }
    }

    // A root in the table of places is a full path, so no root has such a key.
    private static string SourceKey(string outputs) => "source:" + outputs;

    private static string ServerKey(string destination, string root) => $"server:{destination.ToLowerInvariant()}:{root.TrimEnd('/')}";

    /// <summary>Totals for each destination and root, in their order.</summary>
    public IReadOnlyList<DestinationSummary> Summary() => _store.Read(CopyRows.Summary);

    /// <summary>The jobs with at least one copy that is not superseded, sorted.</summary>
    public IReadOnlyList<string> Jobs() => _store.Read(CopyRows.Jobs);

    /// <summary>
    /// The recorded copies of one job, or of all, including superseded ones; the latest commit first. All copies are read page by page without
    /// holding the ledger, so a copy that is recorded meanwhile may be missing.
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

    /// <summary>Failures whose item has not succeeded since, latest first.</summary>
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
