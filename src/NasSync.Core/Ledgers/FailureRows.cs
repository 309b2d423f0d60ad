using System.Data.Common;
using NasSync.Planning;

namespace NasSync.Ledgers;

/// <summary>The table <c>failures</c>. The key holds an empty string where a failure has no artifact or target.</summary>
internal static class FailureRows
{
    private const string AllSql = """
        select id, subject, job_id, artifact, destination, root, path,
            class, code, message, hint, retry_after_ms, attempts, first_ns, last_ns, next_ns, manifest
        from failures order by last_ns desc, id desc
        """;

    private const string UpsertSql = """
        insert into failures (
            id, scope, artifact, target_key, subject, job_id, destination, root, path,
            class, code, message, hint, retry_after_ms, attempts, first_ns, last_ns, next_ns, manifest)
        values (
            @id, @scope, @artifact, @key, @subject, @job, @destination, @root, @path,
            @class, @code, @message, @hint, @retryAfter, @attempts, @first, @last, @next, @manifest)
        on conflict (scope, artifact, target_key) do update set
            subject = excluded.subject, job_id = excluded.job_id,
            destination = excluded.destination, root = excluded.root, path = excluded.path,
            class = excluded.class, code = excluded.code, message = excluded.message, hint = excluded.hint,
            retry_after_ms = excluded.retry_after_ms, attempts = excluded.attempts, last_ns = excluded.last_ns,
            next_ns = excluded.next_ns, manifest = coalesce(excluded.manifest, failures.manifest)
        """;

    private const string AttemptsSql =
        "select coalesce(sum(attempts), 0) from failures where scope = @scope and artifact = @artifact and target_key = @key";

    private const string LastIdSql = "select value from counters where name = 'failure'";
    private const string SetLastIdSql = "update counters set value = @value where name = 'failure'";

    // A copy to any target also clears the item's failure without a target: the item could be decided after all. A copy that was to stand beside
    // another file may have got another number meanwhile, or the name itself. A failure at another root of the same destination is of the time before
    // the root was corrected.
    private const string ClearItemSql = """
        delete from failures where scope = @job and artifact = @artifact
            and (target_key in (@requested, @key, '', @own1, @own2, @own3, @own4, @own5, @own6, @own7, @own8, @own9)
                or (destination = @destination and destination <> @local and path in (@requestedPath, @path)))
        """;

    private const string ClearManifestSql = "delete from failures where scope = @subject and artifact = ''";
    private const string ClearIdSql = "delete from failures where id = @id";

    /// <summary>All rows, the latest first.</summary>
    public static List<RecordedFailure> All(SqlSession session) => session.Query(AllSql, Read);

    /// <summary>Writes failures. A known failure adds up its attempts and keeps its number and the time of its first failure.</summary>
    /// <param name="session">The connection.</param>
    /// <param name="transaction">The enclosing transaction.</param>
    /// <param name="failures">What failed.</param>
    /// <param name="nextAt">Computes when a failure may be retried, given its attempts over all runs; null uses each failure's own value.</param>
    public static void Write(
        SqlSession session,
        DbTransaction transaction,
        IReadOnlyList<RecordedFailure> failures,
        Func<RecordedFailure, DateTimeOffset?>? nextAt)
    {
        var id = session.Scalar(LastIdSql, transaction);
        foreach (var failure in failures)
        {
            var (scope, artifact, key) = (Scope(failure), failure.Artifact ?? "", failure.Target?.Key ?? "");
            var attempts = failure.Attempts
                + (int)session.Scalar(AttemptsSql, transaction, ("@scope", scope), ("@artifact", artifact), ("@key", key));
            var next = nextAt is null ? failure.NextAt : nextAt(failure with { Attempts = attempts });
            session.Execute(
                UpsertSql,
                transaction,
                ("@id", ++id),
                ("@scope", scope),
                ("@artifact", artifact),
                ("@key", key),
                ("@subject", failure.Subject),
                ("@job", failure.JobId),
                ("@destination", failure.Target?.Destination),
                ("@root", failure.Target?.Root),
                ("@path", failure.Target?.Path),
                ("@class", failure.Failure.Class.ToString()),
                ("@code", failure.Failure.Code),
                ("@message", failure.Failure.Message),
                ("@hint", failure.Failure.Hint),
                ("@retryAfter", (long?)failure.Failure.RetryAfter?.TotalMilliseconds),
                ("@attempts", attempts),
                ("@first", SqlValue.ToNs(failure.FirstAt)),
                ("@last", SqlValue.ToNs(failure.LastAt)),
                ("@next", next is { } at ? SqlValue.ToNs(at) : (long?)null),
                ("@manifest", failure.ManifestPath));
        }

        session.Execute(SetLastIdSql, transaction, ("@value", id));
    }

    /// <summary>Removes the failures of an item that is now copied.</summary>
    public static void ClearItem(SqlSession session, DbTransaction transaction, RecordedCopy copy)
    {
        var own = OwnNames.Beside(copy.Requested, copy.JobId).Take(OwnNames.Known).Select(name => name.Key).ToArray();
        session.Execute(
            ClearItemSql,
            transaction,
            ("@job", copy.JobId),
            ("@artifact", copy.Artifact),
            ("@requested", copy.Requested.Key),
            ("@key", copy.Target.Key),
            ("@own1", own[0]),
            ("@own2", own[1]),
            ("@own3", own[2]),
            ("@own4", own[3]),
            ("@own5", own[4]),
            ("@own6", own[5]),
            ("@own7", own[6]),
            ("@own8", own[7]),
            ("@own9", own[8]),
            ("@destination", copy.Target.Destination),
            ("@local", Target.LocalName),
            ("@requestedPath", copy.Requested.Path),
            ("@path", copy.Target.Path));
    }

    /// <summary>Removes the failures of a manifest as a whole; those of its items stay.</summary>
    public static void ClearManifest(SqlSession session, DbTransaction transaction, string manifestPath) =>
        session.Execute(ClearManifestSql, transaction, ("@subject", manifestPath));

    /// <summary>Removes one failure.</summary>
    public static void Clear(SqlSession session, DbTransaction transaction, long id) => session.Execute(ClearIdSql, transaction, ("@id", id));

    // The path identifies a manifest that failed as a whole: its job may be unknown, or known in one run and unknown in the next.
    private static string Scope(RecordedFailure failure) => failure.Artifact is null ? failure.Subject : failure.JobId ?? "";

    private static RecordedFailure Read(SqlRow row) => new()
    {
        Id = row.GetInt64(0),
        Subject = row.GetString(1),
        JobId = SqlValue.ToText(row, 2),
        Artifact = row.GetString(3) is { Length: > 0 } artifact ? artifact : null,
        Target = row.IsDBNull(4) ? null : SqlValue.ToTarget(row, 4),
        Failure = new Failure(ToClass(row.GetString(7)), row.GetString(8), row.GetString(9), row.GetString(10))
        {
            RetryAfter = row.IsDBNull(11) ? null : TimeSpan.FromMilliseconds(row.GetInt64(11)),
        },
        Attempts = row.GetInt32(12),
        FirstAt = SqlValue.ToTime(row.GetInt64(13)),
        LastAt = SqlValue.ToTime(row.GetInt64(14)),
        NextAt = row.IsDBNull(15) ? null : SqlValue.ToTime(row.GetInt64(15)),
        ManifestPath = SqlValue.ToText(row, 16),
    };

    // A class unknown to this version must not be retried as if it were transient.
    private static FailureClass ToClass(string name) => Enum.TryParse<FailureClass>(name, out var value) ? value : FailureClass.Bug;
}
