using System.Data.Common;
using System.Globalization;
using NasSync.Planning;

namespace NasSync.Ledgers;

/// <summary>The table <c>copies</c>.</summary>
internal static class CopyRows
{
    private const string Columns = """
        job_id, artifact, requested_destination, requested_root, requested_path, destination, root, path,
        source_size, source_mtime_ns, source_inode, source_device, generation,
        size, sha256, verified_by, durability, committed_ns, target_size, target_mtime_ns, target_inode, target_device, mtime_kept, superseded_by,
        adopted, released_ns, former, source_ctime_ns
        """;

    // Latest first. The key breaks ties, so that each page continues exactly where the previous one ended.
    private const string Order = "order by committed_ns desc, job_id desc, artifact desc, requested_key desc limit @limit";
    private const string After = "(committed_ns, job_id, artifact, requested_key) < (@committed, @lastJob, @lastArtifact, @lastKey)";

    private const string JobsSql = "select distinct job_id from copies where superseded_by is null order by job_id";
    private const string OfJobSql = $"select {Columns} from copies where job_id = @job";
    private const string HasJobSql = "select count(*) from (select 1 from copies where job_id = @job limit 1) as known";
    private const string KnowSql = """
        select artifact, requested_destination, requested_root, requested_path, destination, root, path,
            source_size, source_mtime_ns, source_inode, sha256, verified_by, committed_ns, superseded_by, adopted, released_ns, source_ctime_ns
        from copies where job_id = @job and former = 0
        """;

    private const string OwnerSql = $"select {Columns} from copies where target_key = @key and superseded_by is null";
    private const string FirstPageSql = $"select {Columns} from copies {Order}";
    private const string NextPageSql = $"select {Columns} from copies where {After} {Order}";

    private const string ReservedSql = "select distinct path from copies where lower(path) like '%.nassync-%'";

    private const string SummarySql = """
        select destination, root, count(distinct job_id), count(*), cast(sum(size) as bigint), max(committed_ns)
        from copies where superseded_by is null group by destination, root order by destination, root
        """;

    private const string AreAtSql = """
        select count(*) from (
            select 1 from copies
            where lower(destination) = lower(@destination) and rtrim(root, '/') = rtrim(@root, '/') and superseded_by is null
            limit 1) as known
        """;

    // Supersedes the copy's own row too; UpsertSql resets it right after.
    private const string SupersedeSql = "update copies set superseded_by = @job where target_key = @key and superseded_by is null";

    private const string MarkReleasedSql =
        "update copies set released_ns = @at where job_id = @job and artifact = @artifact and superseded_by is null and released_ns is null";

    private const string NoteChangeTimeSql = """
        update copies set source_ctime_ns = @ctime
        where job_id = @job and artifact = @artifact and source_size = @size and source_mtime_ns = @mtime and source_inode = @inode and former = 0
        """;

    private const string KeepSourceSql = "update copies set released_ns = null where job_id = @job and artifact = @artifact and released_ns = @at";

    // No path contains the unit separator, so no requested target has such a key.
    private const string KeepFormerSql = """
        update copies set former = 1, requested_key = requested_key || @suffix
        where job_id = @job and artifact = @artifact and requested_key = @requested
            and target_key <> @key and superseded_by is null and released_ns is not null
        """;

    private const string UpsertSql = """
        insert into copies (
            job_id, artifact, requested_key, requested_destination, requested_root, requested_path, target_key, destination, root, path,
            source_size, source_mtime_ns, source_inode, source_device, generation, size, sha256, verified_by, durability, committed_ns,
            target_size, target_mtime_ns, target_inode, target_device, mtime_kept, superseded_by, adopted, released_ns, source_ctime_ns)
        values (
            @job, @artifact, @requested, @requestedDestination, @requestedRoot, @requestedPath, @key, @destination, @root, @path,
            @sourceSize, @sourceMtime, @sourceInode, @sourceDevice, @generation, @size, @sha256, @verifiedBy, @durability, @committed,
            @targetSize, @targetMtime, @targetInode, @targetDevice, @mtimeKept, null, @adopted, @released, @sourceCtime)
        on conflict (job_id, artifact, requested_key) do update set
            requested_destination = excluded.requested_destination,
            requested_root = excluded.requested_root, requested_path = excluded.requested_path,
            target_key = excluded.target_key, destination = excluded.destination, root = excluded.root, path = excluded.path,
            source_size = excluded.source_size, source_mtime_ns = excluded.source_mtime_ns,
            source_inode = excluded.source_inode, source_device = excluded.source_device,
            generation = excluded.generation, size = excluded.size, sha256 = excluded.sha256,
            verified_by = excluded.verified_by, durability = excluded.durability, committed_ns = excluded.committed_ns,
            target_size = excluded.target_size, target_mtime_ns = excluded.target_mtime_ns,
            target_inode = excluded.target_inode, target_device = excluded.target_device,
            mtime_kept = excluded.mtime_kept, superseded_by = null, adopted = excluded.adopted, released_ns = excluded.released_ns,
            source_ctime_ns = excluded.source_ctime_ns
        """;

    /// <summary>All rows of a job.</summary>
    public static List<RecordedCopy> OfJob(SqlSession session, string jobId)
    {
        var copies = new Making();
        session.ReadOften(OfJobSql, copies, ("@job", jobId));
        return copies.Made;
    }

    /// <summary>Whether a job has any row.</summary>
    public static bool HasJob(SqlSession session, string jobId) => session.Scalar(HasJobSql, null, ("@job", jobId)) > 0;

    /// <summary>Reads the columns of a job's rows that planning compares; returns the number of rows.</summary>
    public static int Know(SqlSession session, string jobId, KnownCopies copies)
    {
        session.ReadOften(KnowSql, new Knowing(copies), ("@job", jobId));
        return copies.Count;
    }

    /// <summary>The row of the current copy at a target.</summary>
    public static RecordedCopy? Owner(SqlSession session, string targetKey) => session.Query(OwnerSql, Read, ("@key", targetKey)).FirstOrDefault();

    /// <summary>Up to <paramref name="limit"/> rows that come after <paramref name="last"/>, the latest first.</summary>
    public static List<RecordedCopy> Page(SqlSession session, RecordedCopy? last, int limit) => last is null
        ? session.Query(FirstPageSql, Read, ("@limit", limit))
        : session.Query(
            NextPageSql,
            Read,
            ("@limit", limit),
            ("@committed", SqlValue.ToNs(last.Receipt.CommittedAt)),
            ("@lastJob", last.JobId),
            ("@lastArtifact", last.Artifact),
            ("@lastKey", last.Requested.Key));

    /// <summary>The paths of copies whose file or folder names look like NasSync's own. Scans the whole table.</summary>
    public static List<RelativePath> WithReservedNames(SqlSession session) => session.Query(ReservedSql, row => RelativePath.Parse(row.GetString(0)));

    /// <summary>Totals for each destination and root.</summary>
    public static List<DestinationSummary> Summary(SqlSession session) => session.Query(SummarySql, row => new DestinationSummary(
        row.GetString(0), row.GetString(1), row.GetInt32(2), row.GetInt32(3), row.GetInt64(4), SqlValue.ToTime(row.GetInt64(5))));

    /// <summary>Whether any copy is recorded at a root. Scans the whole table when there is none.</summary>
    public static bool AreAt(SqlSession session, string destination, string root) =>
        session.Scalar(AreAtSql, null, ("@destination", destination), ("@root", root)) > 0;

    /// <summary>The jobs with at least one copy that is not superseded.</summary>
    public static List<string> Jobs(SqlSession session) => session.Query(JobsSql, row => row.GetString(0));

    /// <summary>Writes a current copy and supersedes every other row for its target.</summary>
    public static void Write(SqlSession session, DbTransaction transaction, RecordedCopy copy)
    {
        var (requested, target, source, receipt) = (copy.Requested, copy.Target, copy.Source, copy.Receipt);
        session.Execute(SupersedeSql, transaction, ("@job", copy.JobId), ("@key", target.Key));
        session.Execute(
            KeepFormerSql,
            transaction,
            ("@job", copy.JobId),
            ("@artifact", copy.Artifact),
            ("@requested", requested.Key),
            ("@key", target.Key),
            ("@suffix", string.Create(CultureInfo.InvariantCulture, $"\u001f{SqlValue.ToNs(receipt.CommittedAt)}")));
        session.Execute(
            UpsertSql,
            transaction,
            ("@job", copy.JobId),
            ("@artifact", copy.Artifact),
            ("@requested", requested.Key),
            ("@requestedDestination", requested.Destination),
            ("@requestedRoot", requested.Root),
            ("@requestedPath", requested.Path),
            ("@key", target.Key),
            ("@destination", target.Destination),
            ("@root", target.Root),
            ("@path", target.Path),
            ("@sourceSize", source.Size),
            ("@sourceMtime", source.MtimeNs),
            ("@sourceInode", unchecked((long)source.Inode)),
            ("@sourceDevice", unchecked((long)source.Device)),
            ("@generation", copy.Generation),
            ("@size", receipt.Size),
            ("@sha256", receipt.Sha256),
            ("@verifiedBy", receipt.VerifiedBy.ToString()),
            ("@durability", receipt.Durability.ToString()),
            ("@committed", SqlValue.ToNs(receipt.CommittedAt)),
            ("@targetSize", receipt.Target?.Size),
            ("@targetMtime", receipt.Target?.MtimeNs),
            ("@targetInode", receipt.Target is { } a ? unchecked((long)a.Inode) : (long?)null),
            ("@targetDevice", receipt.Target is { } b ? unchecked((long)b.Device) : (long?)null),
            ("@mtimeKept", receipt.MtimeKept ? 1 : 0),
            ("@adopted", copy.IsAdopted ? 1 : 0),
            ("@released", copy.ReleasedAt is { } released ? SqlValue.ToNs(released) : (long?)null),
            ("@sourceCtime", ChangeTime(source)));
    }

    /// <summary>Notes from when on the source of an artifact's copies may be gone, unless that is noted already.</summary>
    public static void MarkReleased(SqlSession session, DbTransaction transaction, SourceName source, DateTimeOffset at) => session.Execute(
        MarkReleasedSql, transaction, ("@job", source.JobId), ("@artifact", source.Artifact), ("@at", SqlValue.ToNs(at)));

    /// <summary>Undoes the <see cref="MarkReleased"/> of a given time.</summary>
    public static void KeepSource(SqlSession session, DbTransaction transaction, SourceName source, DateTimeOffset at) => session.Execute(
        KeepSourceSql, transaction, ("@job", source.JobId), ("@artifact", source.Artifact), ("@at", SqlValue.ToNs(at)));

    /// <summary>Stores the change time of a source whose content was compared with its copies and found equal.</summary>
    public static void NoteChangeTime(SqlSession session, DbTransaction transaction, SourceName name, FileState source) => session.Execute(
        NoteChangeTimeSql,
        transaction,
        ("@job", name.JobId),
        ("@artifact", name.Artifact),
        ("@size", source.Size),
        ("@mtime", source.MtimeNs),
        ("@inode", unchecked((long)source.Inode)),
        ("@ctime", ChangeTime(source)));

    private static long? ChangeTime(FileState source) => source.ChangeNs == 0 ? null : source.ChangeNs;

    private static RecordedCopy Read(SqlRow row) => new Reading().Next(row);

    // Consecutive rows of one job share most texts; reuses the previous row's strings instead of allocating new ones.
    private sealed class Reading
    {
        private RecordedCopy? _before;
        private Member<VerifiedBy> _verifiedBy;
        private Member<Durability> _durability;

        public RecordedCopy Next(SqlRow row)
        {
            var requested = ToTarget(row, 2, _before?.Requested, null);
            return _before = new()
            {
                JobId = row.GetString(0, _before?.JobId),
                Artifact = row.GetString(1),
                Requested = requested,
                Target = ToTarget(row, 5, requested, requested),
                Source = SqlValue.ToFileState(row, 8)!.Value with { ChangeNs = row.IsDBNull(27) ? 0 : row.GetInt64(27) },
                Generation = row.GetString(12, _before?.Generation),
                Receipt = new CommitReceipt
                {
                    Size = row.GetInt64(13),
                    Sha256 = SqlValue.ToText(row, 14),
                    VerifiedBy = _verifiedBy.Of(row, 15),
                    Durability = _durability.Of(row, 16),
                    CommittedAt = SqlValue.ToTime(row.GetInt64(17)),
                    Target = SqlValue.ToFileState(row, 18),
                    MtimeKept = row.GetInt64(22) != 0,
                },
                SupersededBy = SqlValue.ToText(row, 23),
                IsAdopted = row.GetInt64(24) != 0,
                ReleasedAt = row.IsDBNull(25) ? null : SqlValue.ToTime(row.GetInt64(25)),
                IsFormer = row.GetInt64(26) != 0,
            };
        }

        private static Target ToTarget(SqlRow row, int first, Target? place, Target? same)
        {
            var (destination, root, path) = (
                row.GetString(first, place?.Destination),
                row.GetString(first + 1, place?.Root),
                row.GetString(first + 2, same?.Path));
            if (same is not null
                && ReferenceEquals(destination, same.Destination)
                && ReferenceEquals(root, same.Root)
                && ReferenceEquals(path, same.Path))
                return same;
            return new Target { Destination = destination, Root = root, Path = path };
        }

        private struct Member<T>
            where T : struct, Enum
        {
            private string? _name;
            private T _value;

            public T Of(SqlRow row, int column)
            {
                var name = row.GetString(column, _name);
                if (!ReferenceEquals(name, _name)) (_name, _value) = (name, SqlValue.ToEnum<T>(name));
                return _value;
            }
        }
    }

    private sealed class Making : IRows
    {
        private readonly Reading _reading = new();

        public List<RecordedCopy> Made { get; } = [];

        public void Clear() => Made.Clear();

        public void Add(SqlRow row) => Made.Add(_reading.Next(row));
    }

    // Nearly every row holds what the plan expects. Compares the raw columns first, so that few strings are allocated.
    private sealed class Knowing(KnownCopies copies) : IRows
    {
        private static readonly string[] VerifiedBys = Enum.GetNames<VerifiedBy>();

        public void Clear() => copies.Clear();

        public void Add(SqlRow row)
        {
            var (artifact, expected) = copies.Next is { } next ? (next.Artifact, next.Requested) : (null, null);
            var requested = ToTarget(row, 1, expected);
            copies.Add(new KnownCopy(
                row.GetString(0, artifact),
                requested,
                ToTarget(row, 4, requested),
                new FileState(row.GetInt64(7), row.GetInt64(8), unchecked((ulong)row.GetInt64(9)), 0)
                {
                    ChangeNs = row.IsDBNull(16) ? 0 : row.GetInt64(16),
                },
                SqlValue.ToText(row, 10),
                row.IndexOf(11, VerifiedBys) is >= 0 and var verifiedBy ? (VerifiedBy)verifiedBy : default,
                SqlValue.ToTime(row.GetInt64(12)),
                !row.IsDBNull(13),
                row.GetInt64(14) != 0,
                !row.IsDBNull(15)));
        }

        private static Target ToTarget(SqlRow row, int first, Target? probably) =>
            probably is not null && row.Is(first, probably.Destination) && row.Is(first + 1, probably.Root) && row.Is(first + 2, probably.Path)
                ? probably
                : SqlValue.ToTarget(row, first);
    }
}
