using NasSync.Config.Reading;

namespace NasSync.Config;

/// <summary>
/// The whole configuration, complete and checked. Order of sources: default, then YAML, then environment, then parameter.
/// <para>
/// How to add a setting: one property here with its default in the initializer and in the doc sentence; its line in the YAML reader and,
/// if it has one, in the environment table; a line in <c>samples/nas-sync.yaml</c> or the template of <c>config init</c>. A test compares
/// the four and fails until they agree.
/// </para>
/// </summary>
public sealed record SyncConfig
{
    /// <summary>False: say so and do nothing, exit 0. Default true.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The folder in which producers leave job folders, as a full path; null when neither file nor environment names one.</summary>
    public string? OutputsDir { get; init; }

    /// <summary>
    /// How long a source must stay as it is before it is sent, where its manifest does not declare its size and was not written after it; zero
    /// sends at once. Default 2 s.
    /// </summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether <see cref="Settle"/> was given, so that a source that rested so long counts as finished.</summary>
    internal bool IsSettleGiven { get; init; }

    /// <summary>How long a run waits for a source that keeps changing; then a later run looks again. Default 60 s.</summary>
    public TimeSpan SettleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What becomes of a job's folder when all of it is recorded. Default: it is kept.</summary>
    public FinishedJobsPolicy FinishedJobs { get; init; } = FinishedJobsPolicy.Keep;

    /// <summary>True: a source that has another name too (a hard link) is refused. Default false.</summary>
    public bool RefuseHardLinks { get; init; }

    /// <summary>
    /// True: a job folder whose name in the outputs folder is a symbolic link is taken too, and its sources are never removed. Default false: it
    /// is refused.
    /// </summary>
    public bool FollowJobLinks { get; init; }

    /// <summary>Ledger and locks, as a full path. Default <c>nas-sync-work</c> beside the configuration file, else in the current folder.</summary>
    public required string WorkDir { get; init; }

    /// <summary>
    /// A PostgreSQL database for the ledger, which several hosts may share; null (the default) is a SQLite file in the work folder.
    /// </summary>
    public LedgerConnection? Ledger { get; init; }

    /// <summary>True: the work folder may lie on a network file system, where locks may not hold. Default false: that is refused.</summary>
    public bool AllowNetworkWorkDir { get; init; }

    /// <summary>JSON lines of every event, as a full path; null (the default) writes none.</summary>
    public string? LogFile { get; init; }

    /// <summary>
    /// So large the log file may grow before it is set aside and a new one begun, in bytes; 0 never does so for its size. Default 50 MiB.
    /// </summary>
    public long LogMaxSize { get; init; } = 50L << 20;

    /// <summary>So old the first line of the log file may be before the file is set aside; zero never does so for its age. Default 7 days.</summary>
    public TimeSpan LogMaxAge { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How many log files that were set aside are kept, 1 to 1000. Default 5.</summary>
    public int LogKeep { get; init; } = 5;

    /// <summary>What a plain path in <c>to</c> means. Default <see cref="TransferMethod.Local"/>.</summary>
    public TransferMethod Method { get; init; } = TransferMethod.Local;

    /// <summary>Named roots for templates, <c>${remoteRoots.audio}</c>; keys ignore case. With method local: full paths.</summary>
    public IReadOnlyDictionary<string, string> RemoteRoots { get; init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// In folders of this machine: the mode of new files in octal digits, such as <c>0640</c>; null (the default) is as the umask says.
    /// </summary>
    public string? FileMode { get; init; }

    /// <summary>
    /// In folders of this machine: the mode of new folders in octal digits, such as <c>2770</c>; null (the default) is as the umask says.
    /// </summary>
    public string? DirMode { get; init; }

    /// <summary>In folders of this machine: the owner of new files and folders, by name or number; null (the default) is who runs NasSync.</summary>
    public string? Owner { get; init; }

    /// <summary>
    /// In folders of this machine: the group of new files and folders, by name or number; null (the default) is as the system says.
    /// </summary>
    public string? Group { get; init; }

    /// <summary>Named destinations; keys ignore case.</summary>
    public IReadOnlyDictionary<string, DestinationConfig> Destinations { get; init; } =
        new Dictionary<string, DestinationConfig>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The routes in order. Default: the four of <see cref="DefaultRoutes"/>.</summary>
    public IReadOnlyList<Route> Routes { get; init; } = DefaultRoutes;

    /// <summary>Transfers at a time, 1 to 64. Default 4.</summary>
    public int Transfers { get; init; } = 4;

    /// <summary>How failures that may pass are tried again.</summary>
    public RetryConfig Retry { get; init; } = new();

    /// <summary>Limits on bandwidth by time of day; empty (the default) is unlimited.</summary>
    public IReadOnlyList<BandwidthRule> BandwidthLimit { get; init; } = [];

    /// <summary>Addresses that are told of finished and failed items. Default none.</summary>
    public IReadOnlyList<WebhookConfig> Webhooks { get; init; } = [];

    /// <summary>
    /// True (the default): an unrouted artifact, or a route whose root is unset, is a warning and is skipped; false: the manifest fails.
    /// </summary>
    public bool SkipOnMissingRemote { get; init; } = true;

    /// <summary>True: say what would be done and do nothing. Default false.</summary>
    public bool DryRun { get; init; }

    /// <summary>True: <c>nassync</c> without a command watches. Default false.</summary>
    public bool DaemonMode { get; init; }

    /// <summary>Time between two scans of the outputs folder. Default 5 s.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The least level that is logged. Default <see cref="LogLevel.Info"/>.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Info;

    /// <summary>
    /// The port at which a watching <c>nassync</c> shows <c>/metrics</c>, <c>/healthz</c> and <c>/readyz</c>. Default 0: none, since nothing
    /// should listen that nobody asked for, and two watchers of one machine would want the same port.
    /// </summary>
    public int MetricsPort { get; init; }

    /// <summary>
    /// The address of this machine at which <see cref="MetricsPort"/> listens: an IP address, <c>0.0.0.0</c> or <c>::</c> for all. Default
    /// <c>127.0.0.1</c>, since nobody is asked who he is.
    /// </summary>
    public string MetricsAddress { get; init; } = "127.0.0.1";

    /// <summary>Where metrics are sent by OTLP, the address without <c>/v1/metrics</c>; null (the default) sends none.</summary>
    public Uri? OtlpEndpoint { get; init; }

    /// <summary>
    /// Where plain paths lead when <see cref="Method"/> is not local: the destination named <c>rsync</c>, <c>sftp</c> (also for scp) or
    /// <c>s3</c>, which the file describes or the environment makes. Null for local, and when no route needs it and nothing describes it.
    /// An rsync destination with an empty target means that each plain path is itself the target.
    /// </summary>
    public DestinationConfig? DefaultDestination =>
        MethodDestination.NameFor(Method) is { } name && Destinations.TryGetValue(name, out var destination) ? destination : null;

    /// <summary>The file it was read from, as a full path; null when there was none.</summary>
    public string? File { get; init; }

    /// <summary>The routes that hold when none are given.</summary>
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

/// <summary>How much is logged.</summary>
public enum LogLevel
{
    /// <summary>Everything, also progress.</summary>
    Debug,

    /// <summary>What was done.</summary>
    Info,

    /// <summary>What was skipped for a reason that someone may want to mend.</summary>
    Warning,

    /// <summary>What failed.</summary>
    Error,
}

/// <summary>How failures that may pass are tried again.</summary>
public sealed record RetryConfig
{
    /// <summary>Tries in all, 1 to 100. Default 5.</summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>The first delay's upper bound (full jitter). Default 5 s.</summary>
    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Every delay's upper bound. Default 5 min.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>A limit for a part of the day.</summary>
/// <param name="From">Start, local time; null with <paramref name="Until"/> null: all other times.</param>
/// <param name="Until">End, local time; before <paramref name="From"/> it spans midnight.</param>
/// <param name="BytesPerSecond">The limit; null is unlimited.</param>
public sealed record BandwidthRule(TimeOnly? From, TimeOnly? Until, long? BytesPerSecond);

/// <summary>An address that is told of events.</summary>
public sealed record WebhookConfig
{
    /// <summary>Where to, http or https.</summary>
    public required Uri Url { get; init; }

    /// <summary>Which events. Default finished and failed.</summary>
    public IReadOnlyList<string> Events { get; init; } = ["finished", "failed"];

    /// <summary>The HMAC key by reference; null sends unsigned.</summary>
    public SecretReference? Secret { get; init; }

    /// <summary>The address without what may be a secret in it.</summary>
    public override string ToString() => ShownUrl.Of(Url);
}

/// <summary>
/// A secret by reference, never by value: <c>env:NAME</c>, <c>file:PATH</c> or, in PowerShell, <c>vault:NAME</c>. Prints as the reference.
/// </summary>
/// <param name="Scheme"><c>env</c>, <c>file</c> or <c>vault</c>.</param>
/// <param name="Name">The variable, the file as a full path, or the secret's name, which a vault's name and a slash may precede.</param>
public sealed record SecretReference(string Scheme, string Name)
{
    /// <summary>The reference, not the secret.</summary>
    public override string ToString() => $"{Scheme}:{Name}";
}

/// <summary>How the ledger's database is reached: by a connection string without a password, or by reference to one that may have one.</summary>
/// <param name="Reference">Where the connection string stands; null when it is <paramref name="Text"/>.</param>
/// <param name="Text">The connection string; null when it is given by reference.</param>
public sealed record LedgerConnection(SecretReference? Reference, string? Text)
{
    /// <summary>As it was written: the reference, or the string, which holds no secret.</summary>
    public override string ToString() => Reference?.ToString() ?? Text ?? "";
}

/// <summary>A named place.</summary>
public abstract record DestinationConfig
{
    private protected DestinationConfig()
    {
    }

    /// <summary>The name routes use.</summary>
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

    /// <summary>Compress on the way. Default false.</summary>
    public bool Compress { get; init; }

    /// <summary>The mode of new files in octal digits, such as <c>0640</c>; null (the default) is as the target's umask says.</summary>
    public string? FileMode { get; init; }

    /// <summary>The rsync daemon's password by reference; null when it needs none.</summary>
    public SecretReference? Password { get; init; }
}

/// <summary>An SSH host, spoken to by the OpenSSH client.</summary>
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

    /// <summary>The most connections at a time, 1 to 8; a further one is opened when there is work for it. Default 4.</summary>
    public int Connections { get; init; } = 4;

    /// <summary>The mode of new files in octal digits, such as <c>0640</c>; null (the default) is as the server says.</summary>
    public string? FileMode { get; init; }

    /// <summary>The mode of new folders in octal digits, such as <c>2770</c>; null (the default) is as the server says.</summary>
    public string? DirMode { get; init; }

    /// <summary>The owner of new files and folders, by its number on the host; null (the default) is who logs in.</summary>
    public string? Owner { get; init; }

    /// <summary>The group of new files and folders, by its number on the host; null (the default) is as the system says.</summary>
    public string? Group { get; init; }

    /// <summary>Ciphers as ssh's option of that name takes them; null leaves it to ssh_config.</summary>
    public string? Ciphers { get; init; }
}

/// <summary>An S3 bucket.</summary>
public sealed record S3DestinationConfig : DestinationConfig
{
    /// <summary>The bucket; it is never created unasked.</summary>
    public required string Bucket { get; init; }

    /// <summary>Put before every key. Default none.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Region; null leaves it to the AWS chain.</summary>
    public string? Region { get; init; }

    /// <summary>Address of a server that is not Amazon's; null is Amazon.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Access key id by reference; null leaves it to the AWS chain.</summary>
    public SecretReference? AccessKeyId { get; init; }

    /// <summary>Secret access key by reference; null leaves it to the AWS chain.</summary>
    public SecretReference? SecretAccessKey { get; init; }

    /// <summary>Storage class such as <c>STANDARD_IA</c>; null leaves it to the bucket.</summary>
    public string? StorageClass { get; init; }

    /// <summary>Encryption by the server, <c>AES256</c> or <c>aws:kms</c>; null leaves it to the bucket.</summary>
    public string? ServerSideEncryption { get; init; }

    /// <summary>The key for <c>aws:kms</c>; null takes the account's default key.</summary>
    public string? KmsKeyId { get; init; }

    /// <summary>
    /// What objects are said to be by their extension, <c>.m4a</c>, without regard to case; for the others the usual types hold. Default none.
    /// </summary>
    public IReadOnlyDictionary<string, string> ContentTypes { get; init; } = System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty;

    /// <summary>
    /// The least size of the parts of a large file in bytes, 5 MiB to 512 MiB; null is 16 MiB. It grows where 10,000 parts would not suffice.
    /// </summary>
    public long? PartSize { get; init; }
}
