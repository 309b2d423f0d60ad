namespace NasSync.Config;

/// <summary>
/// One sentence for each setting, for the schema and thus for editors. The keys are the names of the settings with their parents; below
/// <c>destinations</c> the type takes the place of the name. A test fails when a setting has none.
/// </summary>
internal static class SettingDocs
{
    private static readonly Dictionary<string, string> Sentences = new(StringComparer.Ordinal)
    {
        ["enabled"] = "False: say so and do nothing.",
        ["outputsDir"] = "The folder in which producers leave job folders.",
        ["settle"] = "How long a source must stay as it is, unless its manifest declares its size or was written after it. 0s: send at once.",
        ["settleTimeout"] = "How long a run waits for a source that keeps changing; then a later run looks again.",
        ["finishedJobs"] = "What becomes of a job's folder when all of it is recorded: keep, remove, or archive:FOLDER of the same file system.",
        ["refuseHardLinks"] = "True: a source that has another name too (a hard link) is refused.",
        ["followJobLinks"] = "True: a job folder that is a symbolic link is taken too, and its sources are never removed.",
        ["workDir"] = "Ledger and locks. Default: nas-sync-work beside this file.",
        ["ledger"] =
            "A PostgreSQL database for the ledger: a connection string without a password, or env:NAME or file:PATH of "
                + "one with it. Default: SQLite in workDir.",
        ["allowNetworkWorkDir"] = "True: workDir may lie on a network file system, where locks may not hold.",
        ["logFile"] = "JSON lines of every event. Default: none.",
        ["debugLog"] = "Text lines of each decision and each request to a server, to find a fault. It grows without limit. Default: none.",
        ["logMaxSize"] = "So large the log file may grow before it is set aside and a new one begun. 0: never for its size.",
        ["logMaxAge"] = "So old the first line of the log file may be before the file is set aside. 0s: never for its age.",
        ["logKeep"] = "How many log files that were set aside are kept.",
        ["method"] = "What a plain path in `to` means: a folder of this machine, or a place in the destination named like the method.",
        ["remoteRoots"] = "Named roots for templates, ${remoteRoots.audio}. A root without a value is known but not set: its routes are skipped.",
        ["fileMode"] =
            "The mode of new files in folders of this machine, in octal digits such as 0640. Default: as the umask "
                + "says; what is replaced hands its own on.",
        ["dirMode"] = "The mode of new folders there, in octal digits such as 2770. Default: as the umask says.",
        ["owner"] = "The owner of new files and folders there, by name or number; only root may give one. Default: who runs NasSync.",
        ["group"] = "The group of new files and folders there, by name or number; who is not root must be in it. Default: as the system says.",
        ["destinations"] = "Named places; a route writes name:path.",
        ["routes"] =
            "In order; the first route that matches an artifact wins. Default: instrumental, no_drums and drums_only audio, and source video.",
        ["transfers"] = "Transfers at a time.",
        ["retry"] = "How failures that may pass are tried again.",
        ["retry.maxAttempts"] = "Tries in all.",
        ["retry.baseDelay"] = "The first delay's upper bound.",
        ["retry.maxDelay"] = "Every delay's upper bound.",
        ["bandwidthLimit"] = "Limits by time of day, such as '08:00-18:00 5MiB'; a line without times holds at all others. Default: unlimited.",
        ["webhooks"] = "Addresses that are told of events. Default: none.",
        ["webhooks.url"] = "Where to, http or https.",
        ["webhooks.events"] = "Which events.",
        ["webhooks.secret"] = "The key that signs the message, by reference. Default: unsigned.",
        ["skipOnMissingRemote"] = "True: what no route takes, or whose root is not set, is skipped with a warning. False: the manifest fails.",
        ["dryRun"] = "True: say what would be done and do nothing.",
        ["daemonMode"] = "True: nassync without a command watches.",
        ["pollInterval"] = "Time between two scans of the outputs folder.",
        ["logLevel"] = "The least level that is logged.",
        ["metricsPort"] = "The port for /metrics, /healthz and /readyz while watching. 0: none.",
        ["metricsAddress"] =
            "The IP address of this machine where metricsPort listens. Any other than 127.0.0.1 or ::1 lets "
                + "other machines read it without a password.",
        ["otlpEndpoint"] = "Where metrics are sent by OTLP while watching, such as http://localhost:4318. Default: nowhere.",
        ["routes.match"] = "Which artifacts the route takes; without it, all of them.",
        ["routes.kind"] = "The kind it takes, without regard to case; every kind when it is missing.",
        ["routes.variant"] = "The variant it takes, without regard to case; every variant when it is missing.",
        ["routes.to"] = "Where to, one or several: a path, or name:path of a destination, with placeholders such as ${artist}.",
        ["routes.as"] = "The file name with placeholders. Default: the artifact's own.",
        ["routes.onConflict"] = "What happens when a file of another origin stands at the target.",
        ["routes.verify"] = "How sure a copy must be: the size, a checksum, or the bytes read back from the medium.",
        ["routes.release"] = "What becomes of the source when every copy is recorded.",
        ["destinations.type"] = "What kind of place it is.",
        ["destinations.bandwidthLimit"] = "Limit per second, such as 20MiB. Default: unlimited.",
        ["destinations.local.root"] = "The folder.",
        ["destinations.local.fileMode"] = "The mode of new files, in octal digits such as 0640. Default: fileMode of the whole configuration.",
        ["destinations.local.dirMode"] = "The mode of new folders, in octal digits such as 2770. Default: dirMode of the whole configuration.",
        ["destinations.local.owner"] = "The owner of new files and folders, by name or number. Default: owner of the whole configuration.",
        ["destinations.local.group"] = "The group of new files and folders, by name or number. Default: group of the whole configuration.",
        ["destinations.rsync.target"] = "user@host:/path, rsync://host/module/path or a path of this machine.",
        ["destinations.rsync.compress"] = "Compress on the way.",
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
        ["destinations.s3.prefix"] = "Put before every key.",
        ["destinations.s3.region"] = "Region. Default: as the AWS settings of this machine say.",
        ["destinations.s3.endpoint"] = "Address of a server that is not Amazon's.",
        ["destinations.s3.accessKeyId"] = "Access key id, by reference. Default: as the AWS settings of this machine say.",
        ["destinations.s3.secretAccessKey"] = "Secret access key, by reference.",
        ["destinations.s3.storageClass"] = "Storage class, such as STANDARD_IA. Default: as the bucket says.",
        ["destinations.s3.serverSideEncryption"] = "Encryption by the server. Default: as the bucket says.",
        ["destinations.s3.kmsKeyId"] = "The key for aws:kms. Default: the account's own.",
        ["destinations.s3.contentTypes"] =
            "What objects are said to be, by extension: { .m4a: audio/mp4 }. Default: the usual type of each extension, "
                + "application/octet-stream for unknown ones.",
        ["destinations.s3.partSize"] = "The least size of the parts of a large file, 5MiB to 512MiB. Default 16MiB.",
    };

    /// <summary>All settings that have a sentence.</summary>
    public static IReadOnlyCollection<string> Names => Sentences.Keys;

    /// <summary>The sentence of a setting; throws when it has none.</summary>
    public static string Of(string setting) => Sentences[setting];
}
