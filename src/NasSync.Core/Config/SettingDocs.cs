namespace NasSync.Config;

/// <summary>
/// One sentence for each setting, for the schema and thus for editors. The keys are the names of the settings with their parents; below
/// <c>destinations</c> the type takes the place of the name. A test fails when a setting has none.
/// </summary>
internal static class SettingDocs
{
    private static readonly Dictionary<string, string> Sentences = new(StringComparer.Ordinal)
    {
        ["enabled"] = "False: print a message and do nothing.",
        ["outputsDir"] = "The folder where producers write job folders.",
        ["settle"] =
            "How long a source must stay unchanged before it is copied, unless its manifest declares its size or was written after it. "
                + "0s: copy at once.",
        ["settleTimeout"] = "How long a run waits for a source that keeps changing; then it fails, and a later run checks it again.",
        ["finishedJobs"] =
            "What happens to a job's folder when all its copies are recorded: keep, remove, or archive:FOLDER on the same file system.",
        ["refuseHardLinks"] = "True: refuse a source that has a second name (a hard link).",
        ["followJobLinks"] = "True: accept a job folder that is a symbolic link; its sources are never removed.",
        ["workDir"] = "The folder for ledger and locks, on a local disk. Default: nas-sync-work beside this file.",
        ["ledger"] =
            "A PostgreSQL database for the ledger: a connection string without a password, or env:NAME or file:PATH of "
                + "one with it. Default: SQLite in workDir.",
        ["allowNetworkWorkDir"] = "True: allow workDir on a network file system, where locks may not work.",
        ["logFile"] = "A file with a JSON line for every event. Default: no file.",
        ["debugLog"] =
            "A file with a text line for each decision and each request to a server, for troubleshooting. It grows without limit. Default: no file.",
        ["logMaxSize"] = "The size above which the log file is set aside and a new one begun. 0: no limit.",
        ["logMaxAge"] = "The age of the first line after which the log file is set aside. 0s: no limit.",
        ["logKeep"] = "How many older log files to keep.",
        ["method"] = "What a plain path in `to` means: a local folder, or a path at the destination with the method's name.",
        ["remoteRoots"] = "Named roots for templates, ${remoteRoots.audio}. A root without a value is known but not set: its routes are skipped.",
        ["fileMode"] =
            "The mode of new files in local folders, in octal digits such as 0640. Default: by the umask; a replaced file "
                + "passes its mode on.",
        ["dirMode"] = "The mode of new folders there, in octal digits such as 2770. Default: by the umask.",
        ["owner"] = "The owner of new files and folders there, by name or number; only root can set one. Default: the account of NasSync.",
        ["group"] =
            "The group of new files and folders there, by name or number; an account other than root must be a member. Default: by the system.",
        ["destinations"] = "Named places; a route writes name:path.",
        ["routes"] =
            "Tried in order; the first route that matches an artifact wins. Default: instrumental, no_drums and drums_only audio, and source video.",
        ["transfers"] = "The number of copies at a time to each place.",
        ["retry"] = "How often and when a failure that may pass is retried.",
        ["retry.maxAttempts"] = "The number of attempts in all.",
        ["retry.baseDelay"] = "The upper bound of the first delay; it doubles with each attempt.",
        ["retry.maxDelay"] = "The upper bound of every delay.",
        ["bandwidthLimit"] = "Limits by time of day, such as '08:00-18:00 5MiB'; a line without times applies at all others. Default: unlimited.",
        ["webhooks"] = "Addresses that receive events. Default: none.",
        ["webhooks.url"] = "The address, http or https.",
        ["webhooks.events"] = "The events to send.",
        ["webhooks.secret"] = "The key that signs the message, by reference. Default: unsigned.",
        ["skipOnMissingRemote"] = "True: skip an artifact without a route, or whose root is not set, with a warning. False: it is a failure.",
        ["dryRun"] = "True: show what would be done and change nothing.",
        ["daemonMode"] = "True: nassync without a command watches.",
        ["pollInterval"] = "Time between two scans of the outputs folder.",
        ["logLevel"] = "The lowest level that is logged.",
        ["metricsPort"] = "The port for /metrics, /healthz and /readyz while watching. 0: none.",
        ["metricsAddress"] =
            "The IP address of this machine where metricsPort listens. Any other than 127.0.0.1 or ::1 lets "
                + "other machines read it without a password.",
        ["otlpEndpoint"] = "Where metrics are sent by OTLP while watching, such as http://localhost:4318. Default: nowhere.",
        ["routes.match"] = "Which artifacts the route applies to. Default: all.",
        ["routes.kind"] = "The artifact's kind, ignoring case. Default: every kind.",
        ["routes.variant"] = "The artifact's variant, ignoring case. Default: every variant.",
        ["routes.to"] = "One or several targets: a path, or name:path of a destination, with placeholders such as ${artist}.",
        ["routes.as"] = "The file name, with placeholders. Default: the artifact's own name.",
        ["routes.onConflict"] = "What to do if a file that this job did not copy has the target's name.",
        ["routes.verify"] = "How to verify a copy: by its size, by a checksum, or by reading the bytes back from the medium.",
        ["routes.release"] = "What happens to the source when every copy is recorded.",
        ["destinations.type"] = "The kind of place.",
        ["destinations.bandwidthLimit"] = "Limit per second, such as 20MiB. Default: unlimited.",
        ["destinations.local.root"] = "The folder.",
        ["destinations.local.fileMode"] = "The mode of new files, in octal digits such as 0640. Default: fileMode of the whole configuration.",
        ["destinations.local.dirMode"] = "The mode of new folders, in octal digits such as 2770. Default: dirMode of the whole configuration.",
        ["destinations.local.owner"] = "The owner of new files and folders, by name or number. Default: owner of the whole configuration.",
        ["destinations.local.group"] = "The group of new files and folders, by name or number. Default: group of the whole configuration.",
        ["destinations.rsync.target"] = "user@host:/path, rsync://host/module/path or a local path.",
        ["destinations.rsync.compress"] = "Compress the data during the transfer.",
        ["destinations.rsync.fileMode"] = "The mode of new files, in octal digits such as 0640. Default: as the target's umask says.",
        ["destinations.rsync.password"] = "The rsync daemon's password, by reference.",
        ["destinations.sftp.host"] = "Host name or alias of ssh_config.",
        ["destinations.sftp.port"] = "Port. Default: as ssh_config says (22).",
        ["destinations.sftp.user"] = "User. Default: as ssh_config says.",
        ["destinations.sftp.identityFile"] = "Private key file. Default: as ssh_config says.",
        ["destinations.sftp.knownHosts"] = "File of known hosts. Default: as ssh_config says.",
        ["destinations.sftp.password"] = "Password, by reference. Default: keys and agents.",
        ["destinations.sftp.root"] = "The folder on the host.",
        ["destinations.sftp.connections"] = "The most connections at a time, 1 to 8; more than one is opened when there is work for it. Default 4.",
        ["destinations.sftp.fileMode"] = "The mode of new files, in octal digits such as 0640. Default: as the server says.",
        ["destinations.sftp.dirMode"] = "The mode of new folders, in octal digits such as 2770. Default: as the server says.",
        ["destinations.sftp.owner"] = "The owner of new files and folders, by its number on the host. Default: who logs in.",
        ["destinations.sftp.group"] = "The group of new files and folders, by its number on the host. Default: as the server says.",
        ["destinations.sftp.ciphers"] =
            "Ciphers as ssh's option Ciphers takes them, such as ^chacha20-poly1305@openssh.com. Default: as ssh_config says; where it says nothing, "
                + "AES-GCM first on a machine with instructions for it.",
        ["destinations.s3.bucket"] = "The bucket; it must exist.",
        ["destinations.s3.prefix"] = "A prefix for every key.",
        ["destinations.s3.region"] = "Region. Default: as the AWS settings of this machine say.",
        ["destinations.s3.endpoint"] = "Address of a server that is not Amazon's.",
        ["destinations.s3.accessKeyId"] = "Access key id, by reference. Default: as the AWS settings of this machine say.",
        ["destinations.s3.secretAccessKey"] = "Secret access key, by reference.",
        ["destinations.s3.storageClass"] = "Storage class, such as STANDARD_IA. Default: as the bucket says.",
        ["destinations.s3.serverSideEncryption"] = "Encryption by the server. Default: as the bucket says.",
        ["destinations.s3.kmsKeyId"] = "The key for aws:kms. Default: the account's own.",
        ["destinations.s3.contentTypes"] =
            "The content type of objects, by extension: { .m4a: audio/mp4 }. Default: the usual type of each extension, "
                + "application/octet-stream for unknown ones.",
        ["destinations.s3.partSize"] = "The smallest size of the parts of a large file, 5MiB to 512MiB. Default 16MiB.",
    };

    /// <summary>All settings that have a sentence.</summary>
    public static IReadOnlyCollection<string> Names => Sentences.Keys;

    /// <summary>The sentence of a setting; throws when it has none.</summary>
    public static string Of(string setting) => Sentences[setting];
}
