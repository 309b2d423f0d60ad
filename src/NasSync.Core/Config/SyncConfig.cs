using NasSync.Config.Reading;

namespace NasSync.Config;

/// <summary>
/// The complete, checked configuration. Order of sources: defaults, then YAML, then environment, then parameters.
/// <para>
/// How to add a setting: add a property here, with its default in the initializer and in the doc sentence; a line in the YAML reader and,
/// if it has a variable, in the environment table; and a line in <c>samples/nas-sync.yaml</c> or the template of <c>config init</c>. A test
/// compares the four and fails until they agree.
/// </para>
/// </summary>
public sealed record SyncConfig
{
    /// <summary>False reports that NasSync is disabled and exits with 0. Default true.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The folder in which producers leave job folders, as a full path; null when neither file nor environment names one.</summary>
    public string? OutputsDir { get; init; }

    /// <summary>
    /// How long a source must stay unchanged before it is sent, unless its manifest declares its size or is newer than the source; zero sends it at
    /// once. Default 2 s.
    /// </summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether <see cref="Settle"/> was set explicitly; then a source that has been unchanged for that long counts as finished.</summary>
    internal bool IsSettleGiven { get; init; }

    /// <summary>How long a run waits for a source that keeps changing before it leaves it to a later run. Default 60 s.</summary>
    public TimeSpan SettleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What happens to a job's folder when all of the job is recorded. Default: it is kept.</summary>
    public FinishedJobsPolicy FinishedJobs { get; init; } = FinishedJobsPolicy.Keep;

    /// <summary>True refuses a source that has another hard link. Default false.</summary>
    public bool RefuseHardLinks { get; init; }

    /// <summary>
    /// True accepts a job folder that is a symbolic link in the outputs folder; its sources are never removed. Default false refuses it.
    /// </summary>
    public bool FollowJobLinks { get; init; }

    /// <summary>
    /// The folder of ledger and locks, as a full path. Default <c>nas-sync-work</c> beside the configuration file, else in the current folder.
    /// </summary>
    public required string WorkDir { get; init; }

    /// <summary>
    /// The PostgreSQL database of the ledger, which several hosts may share; null (the default) uses a SQLite file in the work folder.
    /// </summary>
    public LedgerConnection? Ledger { get; init; }

    /// <summary>True allows a work folder on a network file system, where locks may not work. Default false refuses it.</summary>
    public bool AllowNetworkWorkDir { get; init; }

    /// <summary>The log file, a JSON line for every event, as a full path; null (the default) writes none.</summary>
    public string? LogFile { get; init; }

    /// <summary>
    /// The file to which each decision and each request to a server is appended, to find a fault; null (the default) for none. It grows without
    /// limit.
    /// </summary>
    public string? DebugLog { get; init; }

    /// <summary>The size in bytes at which the log file is rotated; 0 never rotates by size. Default 50 MiB.</summary>
    public long LogMaxSize { get; init; } = 50L << 20;

    /// <summary>The age of its first line at which the log file is rotated; zero never rotates by age. Default 7 days.</summary>
    public TimeSpan LogMaxAge { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How many rotated log files are kept, 1 to 1000. Default 5.</summary>
    public int LogKeep { get; init; } = 5;

    /// <summary>What a plain path in <c>to</c> means. Default <see cref="TransferMethod.Local"/>.</summary>
    public TransferMethod Method { get; init; } = TransferMethod.Local;

    /// <summary>Named roots for templates, <c>${remoteRoots.audio}</c>; keys ignore case. Full paths when the method is local.</summary>
    public IReadOnlyDictionary<string, string> RemoteRoots { get; init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The mode of new files in folders of this machine, in octal digits such as <c>0640</c>; null (the default) leaves it to the umask.
    /// </summary>
    public string? FileMode { get; init; }

    /// <summary>
    /// The mode of new folders in folders of this machine, in octal digits such as <c>2770</c>; null (the default) leaves it to the umask.
    /// </summary>
    public string? DirMode { get; init; }

    /// <summary>The owner of new files and folders of this machine, by name or number; null (the default) is the account that runs NasSync.</summary>
    public string? Owner { get; init; }

    /// <summary>The group of new files and folders of this machine, by name or number; null (the default) leaves it to the system.</summary>
    public string? Group { get; init; }

    /// <summary>Named destinations; keys ignore case.</summary>
    public IReadOnlyDictionary<string, DestinationConfig> Destinations { get; init; } =
        new Dictionary<string, DestinationConfig>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The routes, in order of precedence. Default: the four of <see cref="DefaultRoutes"/>.</summary>
    public IReadOnlyList<Route> Routes { get; init; } = DefaultRoutes;

    /// <summary>Concurrent transfers, 1 to 64. Default 4.</summary>
    public int Transfers { get; init; } = 4;

    /// <summary>How transient failures are retried.</summary>
    public RetryConfig Retry { get; init; } = new();

    /// <summary>Bandwidth limits by time of day; empty (the default) is unlimited.</summary>
    public IReadOnlyList<BandwidthRule> BandwidthLimit { get; init; } = [];

    /// <summary>Webhooks to notify of events. Default none.</summary>
    public IReadOnlyList<WebhookConfig> Webhooks { get; init; } = [];

    /// <summary>True (the default) skips, with a warning, an artifact without a route or whose root is not set; false fails the manifest.</summary>
    public bool SkipOnMissingRemote { get; init; } = true;

    /// <summary>True only reports what would be done. Default false.</summary>
    public bool DryRun { get; init; }

    /// <summary>True makes <c>nassync</c> watch when it is called without a command. Default false.</summary>
    public bool DaemonMode { get; init; }

    /// <summary>The interval between two scans of the outputs folder. Default 5 s.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The lowest level that is logged. Default <see cref="LogLevel.Info"/>.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Info;

    /// <summary>
    /// The port at which a watching <c>nassync</c> serves <c>/metrics</c>, <c>/healthz</c> and <c>/readyz</c>. Default 0 serves none: nothing should
    /// listen unasked, and two watchers on one machine would compete for the same port.
    /// </summary>
    public int MetricsPort { get; init; }

    /// <summary>
    /// The IP address at which <see cref="MetricsPort"/> listens; <c>0.0.0.0</c> or <c>::</c> for all. Default <c>127.0.0.1</c>, because there is no
    /// authentication.
    /// </summary>
    public string MetricsAddress { get; init; } = "127.0.0.1";

    /// <summary>The OTLP endpoint for metrics, without <c>/v1/metrics</c>; null (the default) sends none.</summary>
    public Uri? OtlpEndpoint { get; init; }

    /// <summary>
    /// The destination of plain paths when <see cref="Method"/> is not local: the one named <c>rsync</c>, <c>sftp</c> (also for scp) or <c>s3</c>,
    /// which the file describes or the environment creates. Null for local, and when nothing describes it. An rsync destination with an empty target
    /// means that each plain path is itself the target.
    /// </summary>
    public DestinationConfig? DefaultDestination =>
        MethodDestination.NameFor(Method) is { } name && Destinations.TryGetValue(name, out var destination) ? destination : null;

    /// <summary>The file that was read, as a full path; null when there was none.</summary>
    public string? File { get; init; }

    /// <summary>The routes that apply when none are configured.</summary>
    public static IReadOnlyList<Route> DefaultRoutes { get; } =
    [
        new() { Number = 1, Kind = "audio", Variant = "instrumental", To = (string[])["${remoteRoots.audio}/Instrumental"] },
        new() { Number = 2, Kind = "audio", Variant = "no_drums", To = (string[])["${remoteRoots.audio}/Instrumental (no drums)"] },
        new() { Number = 3, Kind = "audio", Variant = "drums_only", To = (string[])["${remoteRoots.audio}/Drums only"] },
        new() { Number = 4, Kind = "video", Variant = "source", To = (string[])["${remoteRoots.video}"] },
    ];
}

/// <summary>What a plain path in <c>to</c> means.</summary>
public enum TransferMethod
{
    /// <summary>A folder of this machine, for example a mounted NAS.</summary>
    Local,

    /// <summary>An rsync target.</summary>
    Rsync,

    /// <summary>An SSH host; the transport is the same as <see cref="Sftp"/>.</summary>
    Scp,

    /// <summary>An SSH host.</summary>
    Sftp,

    /// <summary>An S3 bucket.</summary>
    S3,
}

/// <summary>The level of detail of the log.</summary>
public enum LogLevel
{
    /// <summary>Everything, including progress.</summary>
    Debug,

    /// <summary>What was done.</summary>
    Info,

    /// <summary>What was skipped for a reason that may need attention.</summary>
    Warning,

    /// <summary>What failed.</summary>
    Error,
}

/// <summary>How transient failures are retried.</summary>
public sealed record RetryConfig
{
    /// <summary>Attempts in total, 1 to 100. Default 5.</summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>The upper bound of the first delay (full jitter). Default 5 s.</summary>
    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The upper bound of every delay. Default 5 min.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>A bandwidth limit for a part of the day.</summary>
/// <param name="From">Start, local time; null together with <paramref name="Until"/> covers all other times.</param>
/// <param name="Until">End, local time; a time before <paramref name="From"/> spans midnight.</param>
/// <param name="BytesPerSecond">The limit; null is unlimited.</param>
public sealed record BandwidthRule(TimeOnly? From, TimeOnly? Until, long? BytesPerSecond);

/// <summary>A webhook.</summary>
public sealed record WebhookConfig
{
    /// <summary>The address, http or https.</summary>
    public required Uri Url { get; init; }

    /// <summary>The events to send. Default finished and failed.</summary>
    public IReadOnlyList<string> Events { get; init; } = ["finished", "failed"];

    /// <summary>The HMAC key by reference; null sends unsigned requests.</summary>
    public SecretReference? Secret { get; init; }

    /// <summary>The address without the parts that may be secret.</summary>
    public override string ToString() => ShownUrl.Of(Url);
}

/// <summary>
/// A secret by reference, never by value: <c>env:NAME</c>, <c>file:PATH</c> or, in PowerShell, <c>vault:NAME</c>. Prints as the reference.
/// </summary>
/// <param name="Scheme"><c>env</c>, <c>file</c> or <c>vault</c>.</param>
/// <param name="Name">The variable, the file as a full path, or the secret's name, optionally preceded by a vault's name and a slash.</param>
public sealed record SecretReference(string Scheme, string Name)
{
    /// <summary>The reference, not the secret.</summary>
    public override string ToString() => $"{Scheme}:{Name}";
}

/// <summary>
/// The connection to the ledger's database: a connection string without a password, or a reference to one that may contain a password.
/// </summary>
/// <param name="Reference">Where to read the connection string; null when <paramref name="Text"/> is set.</param>
/// <param name="Text">The connection string; null when it is given by reference.</param>
public sealed record LedgerConnection(SecretReference? Reference, string? Text)
{
    /// <summary>The reference, or the connection string, which contains no secret.</summary>
    public override string ToString() => Reference?.ToString() ?? Text ?? "";
}

/// <summary>A named destination.</summary>
public abstract record DestinationConfig
{
    private protected DestinationConfig()
    {
    }

    /// <summary>The name that routes use.</summary>
    public required string Name { get; init; }

    /// <summary>Limit in bytes per second; null (the default) is unlimited.</summary>
    public long? BandwidthLimit { get; init; }
}

/// <summary>A folder of this machine.</summary>
public sealed record LocalDestinationConfig : DestinationConfig
{
    /// <summary>The folder, as a full path.</summary>
    public required string Root { get; init; }

    /// <summary>The mode of new files in octal digits, such as <c>0640</c>; null (the default) is that of the whole configuration.</summary>
    public string? FileMode { get; init; }

    /// <summary>The mode of new folders in octal digits, such as <c>2770</c>; null (the default) is that of the whole configuration.</summary>
    public string? DirMode { get; init; }

    /// <summary>The owner of new files and folders, by name or number; null (the default) is that of the whole configuration.</summary>
    public string? Owner { get; init; }

    /// <summary>The group of new files and folders, by name or number; null (the default) is that of the whole configuration.</summary>
    public string? Group { get; init; }
}

/// <summary>An rsync target.</summary>
public sealed record RsyncDestinationConfig : DestinationConfig
{
    /// <summary><c>user@host:/path</c>, <c>rsync://host/module/path</c> or a local path.</summary>
    public required string Target { get; init; }

    /// <summary>Whether to compress during transfer. Default false.</summary>
    public bool Compress { get; init; }

    /// <summary>The mode of new files in octal digits, such as <c>0640</c>; null (the default) leaves it to the target's umask.</summary>
    public string? FileMode { get; init; }

    /// <summary>The rsync daemon's password by reference; null when it needs none.</summary>
    public SecretReference? Password { get; init; }
}

/// <summary>An SSH host, reached through the OpenSSH client.</summary>
public sealed record SftpDestinationConfig : DestinationConfig
{
    /// <summary>Host name or ssh_config alias.</summary>
    public required string Host { get; init; }

    /// <summary>Port; null leaves it to ssh_config (22).</summary>
    public int? Port { get; init; }

    /// <summary>User; null leaves it to ssh_config.</summary>
    public string? User { get; init; }

    /// <summary>Private key file, as a full path; null leaves it to ssh_config.</summary>
    public string? IdentityFile { get; init; }

    /// <summary>known_hosts file, as a full path; null leaves it to ssh_config.</summary>
    public string? KnownHosts { get; init; }

    /// <summary>Password by reference; null uses keys and agents.</summary>
    public SecretReference? Password { get; init; }

    /// <summary>The folder on the host.</summary>
    public required string Root { get; init; }

    /// <summary>The maximum number of connections, 1 to 8; further ones are opened when there is work for them. Default 4.</summary>
    public int Connections { get; init; } = 4;

    /// <summary>The mode of new files in octal digits, such as <c>0640</c>; null (the default) leaves it to the server.</summary>
    public string? FileMode { get; init; }

    /// <summary>The mode of new folders in octal digits, such as <c>2770</c>; null (the default) leaves it to the server.</summary>
    public string? DirMode { get; init; }

    /// <summary>The owner of new files and folders, by numeric id on the host; null (the default) is the login user.</summary>
    public string? Owner { get; init; }

    /// <summary>The group of new files and folders, by numeric id on the host; null (the default) leaves it to the server.</summary>
    public string? Group { get; init; }

    /// <summary>A list in the syntax of ssh's option Ciphers; null leaves it to ssh_config.</summary>
    public string? Ciphers { get; init; }
}

/// <summary>An S3 bucket.</summary>
public sealed record S3DestinationConfig : DestinationConfig
{
    /// <summary>The bucket; it must exist.</summary>
    public required string Bucket { get; init; }

    /// <summary>A prefix of every key. Default none.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Region; null leaves it to the AWS chain.</summary>
    public string? Region { get; init; }

    /// <summary>The address of an S3 server other than Amazon's; null is Amazon.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Access key id by reference; null leaves it to the AWS chain.</summary>
    public SecretReference? AccessKeyId { get; init; }

    /// <summary>Secret access key by reference; null leaves it to the AWS chain.</summary>
    public SecretReference? SecretAccessKey { get; init; }

    /// <summary>Storage class such as <c>STANDARD_IA</c>; null leaves it to the bucket.</summary>
    public string? StorageClass { get; init; }

    /// <summary>Server-side encryption, <c>AES256</c> or <c>aws:kms</c>; null leaves it to the bucket.</summary>
    public string? ServerSideEncryption { get; init; }

    /// <summary>The key for <c>aws:kms</c>; null uses the account's default key.</summary>
    public string? KmsKeyId { get; init; }

    /// <summary>Content types by file extension (<c>.m4a</c>), ignoring case; other extensions get their usual type. Default none.</summary>
    public IReadOnlyDictionary<string, string> ContentTypes { get; init; } = System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty;

    /// <summary>
    /// The minimum size in bytes of the parts of a multipart upload, 5 MiB to 512 MiB; null is 16 MiB. Parts are larger when 10,000 of them would not
    /// suffice.
    /// </summary>
    public long? PartSize { get; init; }
}
