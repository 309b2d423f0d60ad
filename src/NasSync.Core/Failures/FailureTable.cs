using System.Collections.Frozen;
using static NasSync.ExitCode;
using static NasSync.FailureClass;

namespace NasSync.Failures;

/// <summary>
/// Every code of a failure or a notice, including those of the cmdlets and the command line. A test compares it with the sources, and
/// <c>docs/errors.md</c> and the topic about_NasSync_Errors are generated from it: <c>NASSYNC_GOLDEN=write dotnet test --filter FailureTable</c>.
/// </summary>
public static class FailureTable
{
    private const string Wait = "Nothing; it is tried again.";
    private const string Report = "Report it with the log.";

    /// <summary>The codes of failures, in the order of their usual class.</summary>
    public static IReadOnlyList<FailureCode> Failures { get; } =
    [
        // A later try may succeed
        new(
            "AnswerUnreadable",
            [Transient],
            "The server at an S3 endpoint does not speak S3.",
            "If it stays, check that `endpoint` is an S3 server and no proxy stands before it."),
        new("Busy", [Transient], "Something is in use, or someone else works on it.", "Nothing, unless it is a mount point; it is tried again."),
        new(
            "CompleteFailed",
            [Transient],
            "An S3 server called an upload complete, and the object is not there.",
            "Nothing; the parts that are there are not sent again."),
        new("ConnectionLost", [Transient], "The connection to a place broke.", "Nothing; it is tried again and goes on where it was."),
        new(
            "CopyCorrupt",
            [Transient],
            "The bytes that arrived are not the source's; the copy was discarded.",
            "If it happens twice, test disk, memory and network of the destination."),
        new("CopyPartWrong", [Transient], "An S3 server copied a part of an object to other bytes.", "If it stays, test the server's disks."),
        new("Interrupted", [Transient], "The system interrupted an operation.", Wait),
        new(
            "IoError",
            [Transient],
            "A device reported an input/output error.",
            "Check the disk and its cable (dmesg, smartctl); a damaged source must be made again."),
        new(
            "LedgerBusy",
            [Transient, Throttled],
            "Another process uses the ledger, or its server has no connection left.",
            "Look for another NasSync or a backup program that holds it."),
        new("LedgerIoError", [Transient], "The ledger's file cannot be read or written.", "Check the disk of workDir (dmesg, smartctl)."),
        new(
            "ManifestIncomplete",
            [Transient],
            "A manifest ends too early; its producer may still be writing it.",
            "If it stays as it is, let the producer write it again."),
        new(
            "ManifestUnreadable",
            [Transient, Permission],
            "A manifest is there and cannot be read.",
            "Let the user that runs NasSync read it, and check the medium it lies on."),
        new("NoLocks", [Transient], "A network file system grants no file lock.", "Check its lock service (rpc.statd, lockd)."),
        new("NoMemory", [Transient], "The system, or the ledger's server, is out of memory.", "Lower `transfers`, or give the machine more memory."),
        new("NotArrived", [Transient], "rsync sent a file, and it is not there.", "If it stays, look at the target's disk and log."),
        new(
            "NotResponding",
            [Transient],
            "An SSH host is connected, but no longer answers; the connection was closed.",
            "If it stays, look at the server's load and disks, and at the network."),
        new(
            "RsyncError",
            [Transient],
            "rsync reports an error of a file for which NasSync has no code.",
            "Read what rsync says in the message; it is tried again."),
        new(
            "RsyncFailed",
            [Transient],
            "rsync ended with an exit code for which NasSync has no code.",
            "Read what rsync says in the message; it is tried again."),
        new("RsyncResources", [Transient], "rsync was short of memory or processes.", "Lower `transfers`, or give the machine more memory."),
        new("ServerError", [Transient], "An S3 server answered with an internal error.", "If it stays, look at the server's log."),
        new(
            "SftpFailure",
            [Transient],
            "An SFTP server says only that it failed.",
            "If it stays, look at the server's log, its free space and the rights there."),
        new("SftpProtocol", [Transient], "An SFTP server broke the protocol.", "If it stays, update the server."),
        new(
            "SourceChanged",
            [Transient],
            "The source changed while it was copied; the copy is not recorded.",
            "Let the producer finish a file before it writes the manifest; the next run tries again."),
        new(
            "SourceChanging",
            [Transient],
            "The source was still changing after `settleTimeout`.",
            "Nothing; a later run looks again. Declare sizes in the manifest if producers pause for long."),
        new("StaleHandle", [Transient], "A file server no longer knows the file.", "If it stays, remount the network file system."),
        new("Stopped", [Transient], "The run was stopped before this was done.", "Run again to finish it."),
        new(
            "SystemError",
            [Transient],
            "The system reported an error for which NasSync has no code.",
            "If it stays, check the disk and the system's log."),
        new(
            "TooManyOpenFiles",
            [Transient],
            "The process, or the system, has too many files open.",
            "Raise `ulimit -n` (LimitNOFILE= of the service), or lower `transfers`."),
        new("Truncated", [Transient], "Something ended early while it was read.", "Nothing; it may still be written, and is tried again."),
        new("TryAgain", [Transient], "A file is locked or busy at the moment.", Wait),
        new("UploadGone", [Transient], "An S3 server dropped an unfinished upload.", "Nothing; it is sent again from the start."),
        new(
            "WaitTimedOut",
            [Transient],
            "A watcher had fewer finished jobs within the time that was waited for.",
            "Wait again, or see Get-SyncFailure and the log."),
        new(
            "WebhookDenied",
            [Transient],
            "A webhook does not trust the sender (401, 403).",
            "Give both sides the same secret, and compare their clocks."),
        new("WebhookError", [Transient], "A webhook answered with an error.", "If it stays, look at the receiver."),
        new(
            "WebhookMoved",
            [Transient],
            "A webhook redirects to another address; NasSync does not follow it.",
            "Write the final address into `webhooks`."),
        new("WebhookNotFound", [Transient], "Nothing at a webhook's address takes a POST.", "Correct its `url`."),
        new("WebhookRefused", [Transient], "A webhook rejects an event.", "Look at the receiver; the other deliveries pass this one."),
        new("WebhookTooOld", [Transient], "An event could not be delivered to a webhook for days; it was dropped.", "Look at the receiver."),
        new(
            "WebhookUntrusted",
            [Transient],
            "A webhook's certificate is not trusted here; nothing was sent.",
            "Give it a certificate from an authority that this machine trusts."),

        // The destination asked NasSync to slow down
        new("SlowDown", [Throttled], "An S3 server asks for fewer requests.", "Nothing; it is asked more slowly. If it stays, lower `transfers`."),
        new("TooManyConnections", [Throttled], "An rsync daemon has as many connections as it takes.", Wait),
        new("WebhookBusy", [Throttled], "A webhook asks NasSync to slow down (429, 503).", "Nothing; the event is delivered later."),

        // The destination is not available
        new(
            "BreakerOpen",
            [Unavailable],
            "A place failed several times in a row and is left alone for a while.",
            "Look at the failure that the message ends with."),
        new(
            "DestinationHangs",
            [Unavailable],
            "A place does not answer at all, such as a hard NFS mount whose server is gone.",
            "Look at the mount and the NAS behind it."),
        new(
            "DestinationReplaced",
            [Unavailable],
            "Another disk or share is mounted at a root than at the last copy; nothing was written.",
            "Mount the right one; if the new one is meant: nassync destination accept FOLDER (Approve-SyncDestination)."),
        new(
            "DestinationUnavailable",
            [Unavailable],
            "A folder, server or share that is copied to is not there.",
            "Mount the NAS or start the server, or correct the path or `endpoint`."),
        new("DeviceMissing", [Unavailable], "A device, or the medium in it, is not there.", "Check that the file system is mounted."),
        new("HostNotFound", [Unavailable], "The name of a host is not known.", "Check the name and the DNS."),
        new(
            "LedgerUnreachable",
            [Unavailable],
            "The database server of the ledger cannot be reached.",
            "Check that it runs, and host and port in `ledger`."),
        new(
            "NotConnected",
            [Unavailable],
            "A file system is not connected, or was shut down.",
            "Check that it is mounted and its server can be reached."),
        new(
            "PlaceUnproven",
            [Unavailable],
            "A copy is not found, and the place has not shown that it is the right one.",
            "Mount the NAS and verify again."),
        new(
            "SourceUnavailable",
            [Unavailable],
            "The outputs folder is not there, not mounted, or another one.",
            "Mount it or correct `outputsDir`; if it was set up again on purpose: nassync source accept (Approve-SyncSource)."),
        new("TimedOut", [Unavailable, Transient], "A server did not answer in time.", "Check that the server can be reached; it is tried again."),
        new(
            "Unreachable",
            [Unavailable],
            "A host refuses connections or cannot be reached.",
            "Check that it is on, that its server runs there, and the port."),
        new("WebhookSilent", [Unavailable], "A webhook did not answer in time.", "If it stays, look at the receiver."),
        new("WebhookUnreachable", [Unavailable], "A webhook cannot be reached.", "If it stays, check its `url` and the network."),

        // No space
        new("LedgerNoSpace", [NoSpace], "The ledger cannot grow.", "Free some space in workDir, or where its server keeps it."),
        new("NoSpace", [NoSpace], "No space is left at a place.", "Free some space there (also inodes: df -i); a bucket may have a quota."),
        new("QuotaExceeded", [NoSpace], "A disk quota is used up.", "Free some space or have the quota raised."),
        new(
            "WorkDirFull",
            [NoSpace],
            "The work folder's file system is nearly full; no new work is taken.",
            "Free some space there, or set workDir to a folder with more.") { ExitCode = DestinationUnavailable },

        // Permission
        new(
            "AccessDenied",
            [Permission, Auth],
            "A server accepted the login, but denies access.",
            "Let the S3 key read, list, write and delete below the prefix; add this machine to the daemon's 'hosts allow'."),
        new("FolderUnreadable", [Permission, Transient], "A folder of jobs cannot be listed.", "Let the user that runs NasSync list it."),
        new("LedgerCannotOpen", [Permission], "The ledger's file cannot be opened.", "Give the account that runs NasSync access to workDir."),
        new(
            "LedgerDenied",
            [Permission],
            "The ledger's user lacks a right in the database.",
            "Grant it CREATE and USAGE on the schema, and let it own its tables.") { ExitCode = ConfigInvalid },
        new(
            "LedgerReadOnly",
            [Permission, Unavailable],
            "The ledger cannot be written: the file system, or its server, is read-only.",
            "Let workDir be writable, or name the primary server in `ledger`."),
        new(
            "NotPermitted",
            [Permission],
            "An operation is not permitted.",
            "Look for an immutable flag (lsattr), another owner, or a mount that forbids it."),
        new(
            "NotWritable",
            [Permission],
            "A file that a command was to write cannot be written.",
            "Check that its folder exists and that you may write there."),
        new(
            "PermissionDenied",
            [Permission],
            "The account that runs NasSync may not use a file or folder.",
            "Give it access to the file and to every folder above it."),
        new(
            "ReadOnlyFileSystem",
            [Permission],
            "A file system is read-only.",
            "Mount it for writing; if it became read-only by itself, check the disk (dmesg)."),
        new(
            "ReadOnlyModule",
            [Permission],
            "An rsync module is read-only.",
            "Set 'read only = no' for it in the daemon's rsyncd.conf, or use another one."),
        new(
            "RightsRefused",
            [Permission],
            "A place does not take the mode, owner or group that its settings ask for.",
            "Run as root or as a member of the group, mount the share with that mode, or take fileMode, dirMode, owner or group out."),
        new(
            "SystemRefused",
            [Permission],
            "systemd or the Task Scheduler refused what install asked for.",
            "Run the command of the message by hand to see more."),

        // The login was refused
        new("AccessKeyUnknown", [Auth], "An S3 server does not know the access key.", "Check `accessKeyId`, or AWS_ACCESS_KEY_ID."),
        new("AuthRefused", [Auth], "A host or daemon refused the login.", "Check user, key or password, and authorized_keys on the host."),
        new("CredentialsExpired", [Auth], "S3 keys have expired.", "Renew them where the destination's references lead."),
        new(
            "HostKeyChanged",
            [Auth],
            "A host shows another key than the known one.",
            "Ask who runs the host; only if the key really changed, run the two commands of the hint."),
        new(
            "HostKeyUnknown",
            [Auth],
            "A host's key is not known yet.",
            "Compare the fingerprint with the host's own, then run the command of the hint."),
        new("KeyExpired", [Auth], "The login to a network file system has expired.", "Renew it (kinit) for the account that runs NasSync."),
        new(
            "KeyMissing",
            [Auth],
            "A network file system has no login for this account.",
            "Log in (kinit, or the mount's credentials) as the account that runs NasSync."),
        new("KeyRejected", [Auth], "A network file system's server refused the login.", "Check the mount's credentials."),
        new("KeyUnprotected", [Auth], "Others may read the private key, so ssh does not use it.", "chmod 600 the key file."),
        new(
            "LedgerRefused",
            [Auth],
            "The ledger's server refused the login.",
            "Correct user and password in `ledger` (or PGPASSFILE), and the server's pg_hba.conf.") { ExitCode = ConfigInvalid },
        new("LogonFailed", [Auth], "A Windows file server refused the login.", "Check the credentials of the share (cmdkey /list)."),
        new("NoCredentials", [Auth], "No S3 keys were found.", "Set `accessKeyId` and `secretAccessKey`, the AWS variables, or an AWS profile."),
        new("SecretKeyWrong", [Auth], "The S3 secret key does not fit the access key.", "Check `secretAccessKey`, or AWS_SECRET_ACCESS_KEY."),

        // Bytes, size or hash are not what they should be
        new(
            "ManifestMismatch",
            [Mismatch],
            "The size or SHA-256 of a source differs from what its manifest declares.",
            "Let the producer write the file, or its manifest, again."),
        new(
            "RepairUndecided",
            [Mismatch],
            "Copy and source differ, and no recorded hash says which is right.",
            "Compare them yourself, and put the right one into both places."),
        new(
            "ReplacedDamaged",
            [Mismatch],
            "What replaced a file is not the source, and the former file is gone.",
            "Remove it and run again; if it happens twice, test disk, memory and network there."),
        new(
            "SourceDamaged",
            [Mismatch],
            "The content of a source changed, but not its size and time; nothing was sent.",
            "Put it back from an intact copy; if the change was meant, give it a new time (touch)."),

        // Something else has the target, or will get it
        new("AlreadyExists", [Conflict], "Something of that name is there already.", "Rename or remove it, or choose another target."),
        new("DeleteLimit", [Conflict], "rsync stopped before it deleted.", "Look at what would be deleted before you raise the limit."),
        new("DuplicateJobId", [Conflict], "Two job folders have one job_id.", "Give every job an id of its own, or remove one of the two folders."),
        new("FileExists", [Conflict], "A file that was to be written exists.", "Choose another path, or give --force (-Force).") { ExitCode = Usage },
        new(
            "FileInUse",
            [Conflict, Transient],
            "A program runs from the file, or has it open.",
            "Stop that program (often a virus scanner or an indexer)."),
        new("FolderNotEmpty", [Conflict], "A folder is not empty.", "Look at what is in it, then rename or remove it."),
        new("IsAFolder", [Conflict], "A folder stands where a file is expected.", "Rename or remove the folder, or choose another target."),
        new(
            "Locked",
            [Conflict],
            "Another NasSync is at work with this work folder or ledger.",
            "Wait until it has finished, or stop it; no file needs to be removed.") { ExitCode = Locked },
        new("NotAFolder", [Conflict], "A file stands where a folder is needed.", "Rename or remove the file, or choose another target."),
        new(
            "SourceOfAnotherJob",
            [Conflict],
            "A source was copied and is not released: a folder between it and its job folder has its own manifest.",
            "Let each manifest name files of its own job only, or set release: keep."),
        new(
            "TargetCollision",
            [Conflict],
            "Two artifacts lead to one target; neither is sent.",
            "Let `as` give them different names, such as \"${name} (${variant})${ext}\"."),
        new(
            "TargetExists",
            [Conflict],
            "A file that this job did not copy is at the target, and the route says onConflict: fail.",
            "Move that file away, or let the route say onConflict: keepBoth."),
        new(
            "TargetInsideTarget",
            [Conflict],
            "The path of one target is a folder in the path of another.",
            "Send them to different folders, or rename one with `as`."),
        new(
            "TargetChanged",
            [Conflict, Transient],
            "Someone created or changed the target during the copy; it was left as it is.",
            "Nothing; it is planned again, and the new plan follows the route's `onConflict`."),
        new(
            "TargetIsNotAFile",
            [Conflict],
            "The target's name is taken by something that is not a regular file.",
            "Move it away, or give the artifact another name with `as`."),
        new(
            "TargetIsSource",
            [Conflict],
            "The target is the source itself, so it would be no copy.",
            "Route it out of the outputs folder, or remove the hard link."),
        new("TaskExists", [Conflict], "There is a task of that name already.", "Choose another name, or give -Force.") { ExitCode = Usage },
        new(
            "UnitNotOurs",
            [Conflict],
            "A unit of that name was not written by NasSync; it was left as it is.",
            "Choose another name, or move the file away."),

        // A path tried to leave its folder
        new(
            "EscapesJob",
            [Escape],
            "A path of a manifest leads out of the job folder, or the job folder, its manifest or a folder in it is a symbolic link.",
            "Find out who made it; paths and links must stay inside. Where links to job folders are meant, set followJobLinks: true."),
        new(
            "EscapesRoot",
            [Escape],
            "A symbolic link stands where a folder of a target is expected, and leads out of it.",
            "Put a real folder there, or set the target to the folder that the link leads to."),
        new(
            "ReservedName",
            [Escape],
            "A copy would get a name that NasSync uses for its own files (`.nassync-…`, `….nassync-part`).",
            "Give it another name with `as:`, or another folder with `to`."),

        // The source is not there
        new(
            "FailureUnknown",
            [Gone],
            "The ledger knows no failure of the number that was given.",
            "nassync status --failed, or Get-SyncFailure, lists the failures.") { ExitCode = Usage },
        new("JobGone", [Gone], "A job folder is gone, or another one took its place.", "Nothing if the producer removed it on purpose."),
        new("ManifestGone", [Gone], "A manifest does not exist.", "Check the path; a job that was removed since it was seen needs nothing."),
        new("NotFound", [Gone, Transient], "A file or folder does not exist.", "Check the path; if it was just deleted, nothing needs to be done."),
        new("ObjectMissing", [Gone], "An object is not in its bucket any more.", "Run again; the next plan finds out what is missing."),
        new("PathNotFound", [Gone], "Nothing is at the path that was given.", "Check it, and whether its file system is mounted."),
        new(
            "SourceGone",
            [Gone],
            "An artifact of a manifest is not there.",
            "Let the producer write the file before its manifest, or remove it from the manifest."),
        new(
            "SourceGoneUnproven",
            [Gone],
            "An artifact is not there, and no recorded copy proves that it was released; the ledger may have been lost.",
            "Put the file back; or write its size and sha256 into the manifest, so that the next run recognizes "
                + "its copy; or remove it from the manifest."),
        new(
            "ReleasedCopyLost",
            [Gone],
            "A source was released once it was copied, and the copy is not at its target any more, or is another file.",
            "Put the copy back from another copy or a backup, or the file into its job folder; nassync verify, or "
                + "Test-ArtifactSync, says which are intact."),
        new(
            "RepairUnknown",
            [Gone],
            "A repair plan names a copy that the ledger does not know; the plan may belong to another ledger.",
            "Run the repair with the configuration that verified, or verify again and take the new plan."),
        new(
            "RepairImpossible",
            [Gone],
            "A copy is lost and cannot be repaired: its route or its source has changed since it was copied.",
            "Restore the copy, or the source as it was, from a backup; an ordinary sync copies the source as it is now."),
        new(
            "RetryImpossible",
            [Gone],
            "A failure cannot be retried: its route or its manifest has changed, and no longer requests the copy.",
            "An ordinary sync copies it to where its route leads now; nassync retry --forget, or Remove-SyncFailure, forgets the failure."),
        new("SourceVanished", [Gone], "A source vanished while it was sent.", "Run again when the producer has finished."),
        new(
            "ArtifactUnknown",
            [Gone],
            "No manifest in question lists the artifact that was given, or there is no copy of it.",
            "Name an artifact as its manifest does; the message lists them.") { ExitCode = Usage },
        new(
            "TargetUnknown",
            [Gone],
            "No route takes the artifact to the target that was given, or it has no copy there.",
            "Name a target as a plan shows it; the message lists them.") { ExitCode = Usage },
        new(
            "DestinationUnknown",
            [Gone],
            "The configuration has no destination of the given name, or no copy is at or below the given folder.",
            "Name one of the configuration, or a folder by its path.") { ExitCode = Usage },
        new(
            "RouteUnknown",
            [Gone],
            "The configuration has no route of the name that a cmdlet was given.",
            "Name one by its number or by its pattern, such as audio/instrumental.") { ExitCode = Usage },
        new(
            "JobNotFound",
            [Gone],
            "There is no job, or no copy of one, of the name that was given.",
            "Name an existing one; case counts.") { ExitCode = Usage },
        new(
            "NothingToApprove",
            [Gone],
            "NasSync has not recorded anything about the folder that was to be accepted.",
            "Check the name and the configuration.") { ExitCode = Usage },
        new(
            "SettingUnknown",
            [Gone],
            "The configuration has no setting of the name that a cmdlet was given.",
            "Get-SyncConfig lists all of them.") { ExitCode = Usage },
        new("TaskNotFound", [Gone], "There is no task of that name.", "Get-SyncTask lists the tasks.") { ExitCode = Usage },
        new(
            "WatcherUnknown",
            [Gone],
            "This process has no watcher of that number.",
            "Get-SyncWatcher lists the watchers.") { ExitCode = Usage },

        // The producer's input is wrong
        new(
            "FileTooLarge",
            [Invalid],
            "A file is larger than the place or a limit allows.",
            "Use a place that holds large files (FAT32 ends at 4 GiB), or raise 'ulimit -f'."),
        new(
            "HardLinked",
            [Invalid],
            "A source has a second name (a hard link), and refuseHardLinks is set.",
            "Let the producer write a file of its own; where it is trusted, set refuseHardLinks: false."),
        new(
            "InputIncomplete",
            [Invalid],
            "An object that was piped to a cmdlet lacks a property; the message names it.",
            "Pipe the objects of NasSync's cmdlets, or add that property.") { ExitCode = Usage },
        new(
            "InputNamesNothing",
            [Invalid],
            "A cmdlet got an empty text, or an object that names no path.",
            "Pipe paths, files and folders, or the objects of NasSync's cmdlets.") { ExitCode = Usage },
        new(
            "InvalidManifest",
            [Invalid],
            "A manifest is not valid; the message says where and why.",
            "Correct the program that writes it; docs/manifest.md has the rules."),
        new(
            "InvalidRequest",
            [Invalid],
            "A file system refuses the name or the request.",
            "If the name holds ':' or '?', give a plainer one with `as`."),
        new(
            "ManifestTooLarge",
            [Invalid],
            "A manifest is larger, deeper or longer than the limits.",
            "Split the job, or find out why the producer wrote so much."),
        new("NameTooLong", [Invalid], "A name is too long for the place.", "Give a shorter one with `as`, or use shorter folders."),
        new(
            "NotAFile",
            [Invalid],
            "A source or a manifest is no regular file: a folder, FIFO, socket or device.",
            "Let the manifest name files only."),
        new(
            "SymlinkLoop",
            [Invalid],
            "A symbolic link is where NasSync follows none, or links form a loop.",
            "Replace the link by the file or folder itself."),
        new(
            "TimeOutOfRange",
            [Invalid],
            "A source was changed after the year 2262 or before 1678, as its file system says.",
            "Correct its time (touch)."),
        new(
            "UnsupportedName",
            [Invalid],
            "A place cannot hold the name's characters.",
            "Give a plainer one with `as`, or mount the file system with UTF-8 names."),
        new("UnsupportedVersion", [Invalid], "This NasSync does not read the version of a manifest.", "Update NasSync."),

        // The configuration, or what a command was given, is wrong
        new(
            "AccountNeeded",
            [FailureClass.Config],
            "A service needs an account to run as.",
            "Give --run-as (-User), best an account of its own.") { ExitCode = Usage },
        new(
            "AccountUnknown",
            [FailureClass.Config],
            "The setting `owner` or `group` names an account that this machine does not know.",
            "Correct the name (getent passwd, getent group), or write its number."),
        new(
            "ArchiveElsewhere",
            [FailureClass.Config],
            "The archive of `finishedJobs` lies on another mount than the jobs.",
            "Choose an archive on the file system of outputsDir; a container or service must see both below one mount."),
        new(
            "BucketMissing",
            [FailureClass.Config],
            "There is no such bucket, and NasSync never creates one.",
            "Create it, or correct `bucket` and `endpoint`."),
        new("ClockSkewed", [FailureClass.Config], "This machine's clock and the S3 server's differ too much.", "Set the clock, best by NTP."),
        new(
            "CommandInvalid",
            [FailureClass.Config],
            "A command line is wrong; nothing ran.",
            "Correct what the message names; `--help` lists commands and options.") { ExitCode = Usage },
        new(
            "ConfigFileNeeded",
            [FailureClass.Config],
            "A task needs a configuration file; it does not see a session's variables.",
            "Give --config (-Config); nassync config init, or New-SyncConfig, writes one.") { ExitCode = Usage },
        new(
            "ConfigInvalid",
            [FailureClass.Config],
            "The configuration has mistakes.",
            "Correct what `nassync config check` or Test-SyncConfig lists.") { ExitCode = ConfigInvalid },
        new(
            "CredentialUnused",
            [FailureClass.Config],
            "A credential was given for a destination that does not log in with user and password.",
            "Leave it out, or configure a login that the destination supports.") { ExitCode = Usage },
        new(
            "CrossesDevices",
            [FailureClass.Config],
            "Two names that must be in one file system are not.",
            "Put the target's folder on one file system, without a mount or link in between."),
        new("DaemonRefused", [FailureClass.Config], "An rsync daemon refused to serve.", "Look at the daemon's log."),
        new(
            "DestinationMoved",
            [FailureClass.Config],
            "The configuration now puts a destination elsewhere than where the copy was recorded.",
            "Give the old place a name of its own if it is still in use."),
        new(
            "DestinationNotSupported",
            [FailureClass.Config],
            "This version cannot carry files to such a place.",
            "Mount the place and route to the mount point."),
        new(
            "DryWatch",
            [FailureClass.Config],
            "The configuration says dryRun, and a watcher would report the same plan again and again.",
            "Remove dryRun, or use nassync plan, or Invoke-ArtifactSync -WhatIf.") { ExitCode = ConfigInvalid },
        new(
            "HomeUnset",
            [FailureClass.Config],
            "HOME is not set, so there is no folder for a user's units.",
            "Set HOME, or make it a service of the system."),
        new(
            "IdentityNotAFile",
            [FailureClass.Config],
            "A pipe, a socket or a device stands where an SSH key should be.",
            "Let `identityFile` name the file of a private key."),
        new(
            "LedgerCorrupt",
            [FailureClass.Config],
            "The ledger's file is damaged or no ledger.",
            "Nothing: the next sync sets it aside and rebuilds it; or restore a backup."),
        new(
            "LedgerDamaged",
            [FailureClass.Config],
            "The ledger in PostgreSQL is damaged.",
            "Restore a backup of the database, or name another schema: it is rebuilt."),
        new(
            "LedgerGone",
            [FailureClass.Config],
            "The ledger's tables were removed or changed meanwhile.",
            "Run again to rebuild it, or restore a backup.") { ExitCode = ConfigInvalid },
        new(
            "LedgerMissing",
            [FailureClass.Config],
            "The ledger's database is not there.",
            "Create it (createdb), or correct Database in `ledger`.") { ExitCode = ConfigInvalid },
        new(
            "LedgerNeedsLocalDisk",
            [FailureClass.Config],
            "The ledger's file system lacks what SQLite needs.",
            "Put workDir on a disk of this machine."),
        new(
            "LedgerSchemaTaken",
            [FailureClass.Config],
            "Other tables already have the names of the ledger's tables.",
            "Give it a schema of its own in `ledger`: Search Path=nassync.") { ExitCode = ConfigInvalid },
        new(
            "LedgerSettings",
            [FailureClass.Config],
            "The setting `ledger` asks for something that is not supported.",
            "Correct what the message names.") { ExitCode = ConfigInvalid },
        new(
            "LedgerTooNew",
            [FailureClass.Config],
            "A newer NasSync wrote the ledger.",
            "Use the newer NasSync, another ledger, or the backup that the newer one made."),
        new(
            "LockingUnavailable",
            [FailureClass.Config],
            "The work folder's file system cannot lock files.",
            "Put workDir on a disk of this machine."),
        new(
            "MetricsPortTaken",
            [FailureClass.Config],
            "The port for metrics and health cannot be used.",
            "Choose one that is free, or none.") { ExitCode = ConfigInvalid },
        new(
            "NoDefaultDestination",
            [FailureClass.Config],
            "A route names a plain path, and no destination is configured for `method`.",
            "Configure it, or name the destination in the route: name:path."),
        new(
            "NoScheduler",
            [FailureClass.Config],
            "This system has neither the Windows Task Scheduler nor systemd.",
            "Let its own scheduler run 'nassync sync', or Invoke-ArtifactSync."),
        new(
            "NotAFileSystem",
            [FailureClass.Config],
            "A path belongs to another PowerShell provider than the file system.",
            "Name a path of a file system drive.") { ExitCode = Usage },
        new(
            "NotSupported",
            [FailureClass.Config],
            "A system, file system or server cannot do what is needed.",
            "Use another one, or another kind of destination."),
        new(
            "OpenSslMissing",
            [FailureClass.Config],
            "The system has no OpenSSL library.",
            "Install it: 'apt install libssl3' on Debian.") { ExitCode = ConfigInvalid },
        new(
            "OutputsDirUnset",
            [FailureClass.Config],
            "No path was given, and no outputs folder is configured.",
            "Set outputsDir or OUTPUTS_DIR, or name a manifest, a job folder or an outputs folder.") { ExitCode = ConfigInvalid },
        new(
            "PasswordUnsupported",
            [FailureClass.Config],
            "NasSync cannot hand a password to ssh on Windows.",
            "Log in with a key: ssh-keygen, then `identityFile`."),
        new(
            "ManifestField",
            [FailureClass.Config],
            "A placeholder needs a field of the manifest that has the wrong type or format.",
            "Correct the field in the manifest, or remove the placeholder from the route."),
        new("ProgramMissing", [FailureClass.Config], "A program that install needs is not there.", "Install it, or do what it would do by hand."),
        new(
            "Redirected",
            [FailureClass.Config],
            "An S3 endpoint sends requests elsewhere; nothing was sent there.",
            "Put the address that serves the bucket into `endpoint`, and check `region`."),
        new("RegionMissing", [FailureClass.Config], "No S3 region is known.", "Set `region`, or AWS_REGION."),
        new(
            "RemoteRootUnset",
            [FailureClass.Config],
            "A route uses a remote root that is not set.",
            "Set it in remoteRoots, or NAS_REMOTE_ROOT_<KEY>."),
        new(
            "RepairPlanInvalid",
            [FailureClass.Config],
            "A file is not a repair plan that can be run, or that a new plan may replace.",
            "Write a new one under a name that is free: nassync verify --plan FILE, or Test-ArtifactSync -Plan FILE.") { ExitCode = Usage },
        new(
            "RepairPlanNoFile",
            [FailureClass.Config],
            "The file of a repair plan does not exist, or is a folder, a link or not a regular file; or the folder for a new plan "
                + "does not exist.",
            "Name an existing plan; to write one, name a file in an existing folder, such as repair.json.") { ExitCode = Usage },
        new(
            "RequestRefused",
            [FailureClass.Config],
            "An S3 server refuses a request.",
            "Check the destination's settings against what the server says."),
        new(
            "RightsNotSupported",
            [FailureClass.Config],
            "The settings fileMode, dirMode, owner and group of folders are for Linux only.",
            "Remove them; on Windows new files have the rights of their folder."),
        new("RouteInvalid", [FailureClass.Config], "A route gives no valid target for this artifact.", "Change the route's `to` or `as`."),
        new("RsyncFolder", [FailureClass.Config], "rsync cannot use the target's folder.", "Check the target, and the rights there."),
        new(
            "RsyncMissing",
            [FailureClass.Config],
            "The rsync program was not found here.",
            "Install it (Debian: apt install rsync), or name it in NASSYNC_RSYNC."),
        new("RsyncMissingThere", [FailureClass.Config], "The host has no rsync.", "Install it there, or use type: sftp."),
        new(
            "RsyncNoise",
            [FailureClass.Config],
            "The host prints something before it speaks rsync.",
            "Let login scripts print only in interactive shells."),
        new("RsyncRefused", [FailureClass.Config], "rsync refused the request.", "Compare the versions of rsync on both sides."),
        new(
            "RsyncTarget",
            [FailureClass.Config],
            "An rsync target has the wrong form.",
            "Write /folder, user@host:/folder or rsync://host/module/folder."),
        new("RsyncTooOld", [FailureClass.Config], "An rsync is too old.", "Install rsync 3.1 or later on both sides."),
        new(
            "SampleInvalid",
            [FailureClass.Config],
            "A sample is neither a percentage nor a number.",
            "Write a percentage such as 5%, or a number such as 200.") { ExitCode = Usage },
        new(
            "ScheduleInvalid",
            [FailureClass.Config],
            "A task's schedule is not possible.",
            "Give another -Every, -RandomDelay or -TimeLimit.") { ExitCode = Usage },
        new(
            "SecretMalformed",
            [FailureClass.Config],
            "The value of a secret's variable has quotes around it, or ends in a carriage return (CR).",
            "Remove them; put a secret that really has them into a file: `file:PATH`."),
        new(
            "SecretUnreadable",
            [FailureClass.Config],
            "The file of a secret cannot be read.",
            "Create it so that the user NasSync runs as may read it."),
        new(
            "SecretUnset",
            [FailureClass.Config],
            "The variable, file or vault entry of a secret is not set or empty.",
            "Set it where NasSync runs."),
        new(
            "SftpMissing",
            [FailureClass.Config],
            "The host offers no SFTP.",
            "Enable it there: 'Subsystem sftp internal-sftp' in sshd_config, or the NAS's settings."),
        new(
            "SftpNoise",
            [FailureClass.Config],
            "The host prints something before it speaks SFTP.",
            "Let login scripts print only in interactive shells."),
        new(
            "SqliteMissing",
            [FailureClass.Config],
            "Neither NasSync's own SQLite library nor one of the system can be loaded.",
            "Install the system's: 'apt install libsqlite3-0' on Debian; or unpack all of NasSync again, if its own is not there."),
        new("SqliteTooOld", [FailureClass.Config], "The system's SQLite library is older than 3.24.", "Update it."),
        new(
            "SshConfig",
            [FailureClass.Config],
            "ssh rejects its configuration for the host.",
            "Correct the ssh_config file or the option that ssh names."),
        new(
            "SshMissing",
            [FailureClass.Config],
            "The OpenSSH client was not found.",
            "Install it (Debian: apt install openssh-client), or name it in NASSYNC_SSH."),
        new(
            "SystemIncomplete",
            [FailureClass.Config],
            "The system lacks a part that programs expect, such as /proc.",
            "Mount what is missing; a chroot gets it by 'mount --bind'.") { ExitCode = ConfigInvalid },
        new("TargetMissing", [FailureClass.Config], "The folder of an rsync target is not there.", "Create it there, or correct the target."),
        new("TaskNameInvalid", [FailureClass.Config], "A task cannot have that name.", "Give another --name (-Name).") { ExitCode = Usage },
        new("TaskProgram", [FailureClass.Config], "The Task Scheduler cannot start a program of that path.", "Install PowerShell at a plain path."),
        new(
            "TlsRefused",
            [FailureClass.Config],
            "The TLS connection to an S3 server failed.",
            "Check its certificate and this machine's clock; a private authority must be trusted here."),
        new("UnitProgram", [FailureClass.Config], "systemd starts no program of that path.", "Put the program at a plain path, such as /usr/bin."),
        new(
            "UnitSchedule",
            [FailureClass.Config],
            "A system service cannot start at logon.",
            "Make it a user's service, or let it run at startup."),
        new("UnitText", [FailureClass.Config], "A systemd unit cannot hold a control character.", "Rename what holds it, or give another path."),
        new(
            "UnknownDestination",
            [FailureClass.Config],
            "A route leads to a destination that is not configured.",
            "Correct the name in `to`; the hint names the nearest one."),
        new(
            "UnknownModule",
            [FailureClass.Config],
            "An rsync daemon has no such module.",
            "Correct the first folder of the target; 'rsync rsync://host/' lists the modules."),
        new(
            "Unrouted",
            [FailureClass.Config],
            "No route takes an artifact, and skipOnMissingRemote is false.",
            "Add a route that takes it, or allow that such artifacts are skipped."),
        new(
            "VaultRefused",
            [FailureClass.Config],
            "A secret vault did not give a secret.",
            "Look with Get-SecretInfo; unlock the vault first, or configure it not to prompt."),
        new(
            "VaultUnavailable",
            [FailureClass.Config],
            "A secret is in a vault, and no vault is available here.",
            "Install SecretManagement and a vault for PowerShell, or give the secret as `env:NAME` or `file:PATH`."),
        new("WebhookGone", [FailureClass.Config], "A webhook is gone for good (410).", "Remove it from `webhooks`, or correct its `url`."),
        new(
            "WrongServer",
            [FailureClass.Config, FailureClass.Unavailable],
            "A server of another kind answers at a destination's address.",
            "Correct the port, and whether `endpoint` begins with http or https as the server speaks."),
        new(
            "WebhookSecret",
            [FailureClass.Config],
            "A webhook's secret begins with whsec_ and is not base64.",
            "Make one: echo \"whsec_$(openssl rand -base64 32)\"."),
        new(
            "WorkDirNotOurs",
            [FailureClass.Config],
            "A pipe, a socket or a device has the name of one of NasSync's own files in the work folder.",
            "Remove it; NasSync makes the files that it needs there."),
        new(
            "WorkDirOnNetwork",
            [FailureClass.Config],
            "The work folder lies on a network file system.",
            "Set workDir to a folder of this machine; allowNetworkWorkDir: true takes the risk."),
        new(
            "WrongRegion",
            [FailureClass.Config],
            "The bucket is in another region, or elsewhere.",
            "Set `region` (and `endpoint`) to the bucket's own."),

        // An error of NasSync itself
        new("BadAddress", [Bug], "The system was given a bad address.", Report),
        new("BadHandle", [Bug], "A file handle is not valid.", Report),
        new("LedgerError", [Bug], "The ledger failed with an error for which NasSync has no code.", Report),
        new("TaskListUnreadable", [Bug], "The list of schtasks.exe cannot be read.", "Report it with the output of: schtasks /Query /XML ONE."),
        new("Unexpected", [Bug], "An error that NasSync does not know.", Report),
    ];

    /// <summary>
    /// The codes of notices, which report something although nothing failed. A notice may also have the code of a failure: when a watching NasSync
    /// waits for something, and when a webhook's receiver answered with an error.
    /// </summary>
    public static IReadOnlyList<FailureCode> Notices { get; } =
    [
        new(
            "ConfigInvalid",
            [],
            "A changed configuration cannot be used; the last good one stays in use.",
            "Correct it; it is read again when it changes, or after SIGHUP."),
        new("ConfigReloaded", [], "The configuration was read again and is in use.", "Nothing."),
        new(
            "DestinationNew",
            [],
            "A destination's root does not exist; the first copy creates it. Sources and jobs of copies there are not removed before the next run.",
            "Nothing, if the place is new; where a mounted disk is meant, mount it or correct the path."),
        new(
            "FailuresForgotten",
            [],
            "The manifests of failures are gone from the outputs folder; the failures are forgotten.",
            "Nothing; a job that comes back is synced like any other."),
        new(
            "JobKept",
            [],
            "All of a job is recorded, but `finishedJobs` cannot remove or move its folder; the message says why.",
            "See what else is in it, and remove it yourself."),
        new("KilledRunRecorded", [], "A run was killed after it made a copy and before it recorded it; now it is recorded.", "Nothing."),
        new(
            "LedgerLost",
            [],
            "The ledger is gone; it is rebuilt from the files at the targets.",
            "Find out who removed it; no source is released until a run has completed."),
        new(
            "LedgerReplaced",
            [],
            "The ledger is not the one that this work folder used before; it is rebuilt.",
            "If that was not intended, correct `ledger`."),
        new(
            "LedgerSetAside",
            [],
            "The ledger was damaged; it was set aside and is rebuilt from the files at the targets.",
            "Check the disk of workDir."),
        new("LedgerSetBack", [], "The ledger is older than it was, as after a restored backup; it is rebuilt.", "Nothing."),
        new(
            "LogLinesLost",
            [],
            "Lines are missing in the log, because it could not be written.",
            "Free some space there; the ledger has what was done (nassync status, Get-SyncFailure)."),
        new("LogTrouble", [], "A watcher's log cannot be written.", "Check `logFile`, the space and the rights there."),
        new(
            "ManifestOdd",
            [],
            "Fields of a manifest have a wrong type or format, but copying does not need them.",
            "Nothing; let the producer correct them."),
        new(
            "NameUnreadable",
            [],
            "A folder's name is not UTF-8, so the job in it is left out.",
            "Let the producer write names in UTF-8, or rename it (convmv)."),
        new(
            "NoManifest",
            [],
            "A folder that was named holds no manifest, nor does a folder in it.",
            "Name a manifest, a job folder, or the folder of job folders."),
        new("Resumed", [], "NasSync works again after an interruption.", "Nothing."),
        new(
            "RightsLost",
            [],
            "A copy replaces a file whose mode, owner, group or attributes could not be kept.",
            "Run as root or as a member of the group, or set owner, group and fileMode of the destination."),
        new("SourceAvailable", [], "The outputs folder is there again.", "Nothing; all of it is scanned."),
        new(
            "SourceKept",
            [],
            "A source is not removed although its route says `release: delete`; the message says why.",
            "Do what the message says; a later run tries again."),
        new(
            "SourceUnavailable",
            [],
            "The outputs folder that is watched is not there, or another one.",
            "Mount it; NasSync waits for it and forgets nothing meanwhile."),
        new(
            "WaitingForLock",
            [],
            "NasSync waits for another run that holds the lock of the work folder or the ledger.",
            "Nothing; it goes on as soon as the other has finished."),
        new(
            "WatchLimitReached",
            [],
            "The kernel allows no more watches; the folder is scanned at every pollInterval.",
            "Raise the limit with the sysctl line of the hint."),
        new(
            "WatchOverflow",
            [],
            "The kernel dropped changes; the whole folder is scanned.",
            "Nothing; raise the limit of the hint if it comes often."),
        new("WatchPolling", [], "The outputs folder's file system does not report changes; it is scanned at every pollInterval.", "Nothing."),
        new("WatchRefused", [], "The kernel does not let the folder be watched; it is scanned at every pollInterval.", "See the hint."),
        new(
            "WebhookDropped",
            [],
            "Old deliveries to webhooks were dropped: too many wait, or for too long.",
            "See nassync status (Get-SyncFailure) and the log for the receiver that does not take them."),
        new("WebhookGivenUp", [], "A delivery to a webhook was tried ten times and given up.", "Look at the receiver."),
        new("WebhookNotKept", [], "Deliveries to webhooks are lost, because the ledger did not take them.", "See the hint."),
    ];

    private static readonly FrozenDictionary<string, ExitCode> OwnExitCodes = Failures
        .Where(row => row.ExitCode is not null)
        .ToFrozenDictionary(row => row.Code, row => row.ExitCode!.Value);

    /// <summary>The exit code that is set for a code; null when its class decides.</summary>
    internal static ExitCode? ExitCodeOf(string code) => OwnExitCodes.TryGetValue(code, out var exitCode) ? exitCode : null;
}
