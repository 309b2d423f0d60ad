using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace NasSync.Processes;

/// <summary>
/// Named points at which a test may kill the program as a power cut would: without <c>finally</c> blocks and flushes. With the environment variable
/// <see cref="Variable"/> set to <c>NAME</c> or <c>NAME:N</c>, the process kills itself with SIGKILL when it reaches that point for the N-th time.
/// Without it, <see cref="Reach"/> is a single comparison with null. Only the program <c>nassync</c> honours it, so that it cannot end a PowerShell
/// session.
/// </summary>
/// <remarks>
/// For a new step that must survive a crash, add a constant here and call <see cref="Reach"/> right after the step. A test enumerates the
/// constants, kills at each, and fails for one that is not reached; the part before the dot selects the destinations that the test uses.
/// </remarks>
internal static class CrashPoint
{
    /// <summary>The environment variable.</summary>
    public const string Variable = "NASSYNC_CRASH_AT";

    // Points of engine and ledger, reached with every destination.
    public const string Planned = "run.planned";
    public const string SourceOpened = "run.source-opened";
    public const string BlockWritten = "run.block-written";
    public const string AllBlocks = "run.all-blocks";
    public const string Recording = "run.recording";
    public const string Recorded = "run.recorded";
    public const string Releasing = "run.releasing";
    public const string Released = "run.released";
    public const string LedgerBackedUp = "ledger.backed-up";
    public const string LedgerMigrating = "ledger.migrating";
    public const string LedgerMigrated = "ledger.migrated";
    public const string LedgerCommitting = "ledger.committing";
    public const string LedgerCommitted = "ledger.committed";

    // Points reached only with finishedJobs.
    public const string JobHidden = "jobs.hidden";
    public const string JobFileRemoved = "jobs.file-removed";
    public const string JobManifestRemoved = "jobs.manifest-removed";
    public const string JobArchived = "jobs.archived";

    public const string LocalMarked = "local.marked";
    public const string LocalPartCreated = "local.part-created";
    public const string LocalWritten = "local.written";
    public const string LocalMtimeSet = "local.mtime-set";
    public const string LocalFsynced = "local.fsynced";
    public const string LocalVerified = "local.verified";
    public const string LocalRenaming = "local.renaming";
    public const string LocalRenamed = "local.renamed";
    public const string LocalFolderFsynced = "local.folder-fsynced";

    public const string SftpPartOpened = "sftp.part-opened";
    public const string SftpBlocksSent = "sftp.blocks-sent";
    public const string SftpFsynced = "sftp.fsynced";
    public const string SftpVerified = "sftp.verified";
    public const string SftpClosed = "sftp.closed";
    public const string SftpLinked = "sftp.linked";
    public const string SftpNamed = "sftp.named";
    public const string SftpFolderFsynced = "sftp.folder-fsynced";

    public const string S3Probing = "s3.probing";
    public const string S3Putting = "s3.putting";
    public const string S3Put = "s3.put";
    public const string S3UploadBegun = "s3.upload-begun";
    public const string S3UploadRemembered = "s3.upload-remembered";
    public const string S3PartSent = "s3.part-sent";
    public const string S3Completing = "s3.completing";
    public const string S3Completed = "s3.completed";
    public const string S3StagedProven = "s3.staged-proven";
    public const string S3Moved = "s3.moved";
    public const string S3Tidied = "s3.tidied";

    public const string RsyncStaged = "rsync.staged";
    public const string RsyncSent = "rsync.sent";
    public const string RsyncProven = "rsync.proven";
    public const string RsyncCleaned = "rsync.cleaned";

    private static readonly (string Point, int Times)? Armed = Arm(Environment.GetEnvironmentVariable(Variable));
    private static readonly ConcurrentDictionary<string, int> Reached = new(StringComparer.Ordinal);

    /// <summary>Notes that the program is at a point, and kills the process if that point is armed.</summary>
    public static void Reach(string point)
    {
        if (Armed is null) return;
        if (Armed.Value.Point == point && Reached.AddOrUpdate(point, 1, (_, times) => times + 1) == Armed.Value.Times) Die();
    }

    private static (string Point, int Times)? Arm(string? at)
    {
        if (string.IsNullOrEmpty(at) || Assembly.GetEntryAssembly()?.GetName().Name != "nassync") return null;
        return at.Split(':') is [var point, var times] ? (point, int.Parse(times, CultureInfo.InvariantCulture)) : (at, 1);
    }

    private static void Die()
    {
        using var self = Process.GetCurrentProcess();
        self.Kill();
    }
}
