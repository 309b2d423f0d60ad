namespace NasSync.Config.Reading;

/// <summary>
/// The place that plain paths mean when the method is not local. It is the destination that is named like the method: the file can describe
/// it, and the environment completes or makes it.
/// </summary>
internal static class MethodDestination
{
    /// <summary>The name for a method; null for <see cref="TransferMethod.Local"/>, whose plain paths need no destination.</summary>
    public static string? NameFor(TransferMethod method) => method switch
    {
        TransferMethod.Rsync => "rsync",
        TransferMethod.Scp or TransferMethod.Sftp => "sftp",
        TransferMethod.S3 => "s3",
        _ => null,
    };

    /// <summary>What to do when the place is not described well enough.</summary>
    public static string CureFor(TransferMethod method) => method == TransferMethod.S3
        ? "set NAS_S3_BUCKET, or describe a destination named 's3'."
        : "set NAS_SCP_HOST, or describe a destination named 'sftp'.";

    /// <summary>The destinations, with the method's among them when there is enough to make it.</summary>
    public static IReadOnlyDictionary<string, DestinationConfig> Complete(SyncConfig config, MethodVariables variables)
    {
        if (NameFor(config.Method) is not { } name) return config.Destinations;
        config.Destinations.TryGetValue(name, out var declared);
        DestinationConfig? made = config.Method switch
        {
            TransferMethod.Rsync => Rsync(name, declared as RsyncDestinationConfig, variables),
            TransferMethod.S3 => S3(name, declared as S3DestinationConfig, variables),
            _ => Sftp(name, declared as SftpDestinationConfig, variables),
        };
        return made is null
            ? config.Destinations
            : new Dictionary<string, DestinationConfig>(config.Destinations, StringComparer.OrdinalIgnoreCase) { [name] = made };
    }

    private static RsyncDestinationConfig Rsync(string name, RsyncDestinationConfig? declared, MethodVariables variables)
    {
        // Without a target of its own each plain path, that is each remote root, is itself the target.
        var rsync = declared ?? new() { Name = name, Target = "" };
        return rsync with
        {
            Compress = variables.RsyncCompress ?? rsync.Compress,
            BandwidthLimit = variables.RsyncLimit switch { null => rsync.BandwidthLimit, 0 => null, var limit => limit },
        };
    }

    private static SftpDestinationConfig? Sftp(string name, SftpDestinationConfig? declared, MethodVariables variables)
    {
        if ((variables.Host ?? declared?.Host) is not { } host) return null;
        var sftp = declared ?? new() { Name = name, Host = host, Root = "/" };
        return sftp with { Host = host, User = variables.User ?? sftp.User, IdentityFile = variables.IdentityFile ?? sftp.IdentityFile };
    }

    private static S3DestinationConfig? S3(string name, S3DestinationConfig? declared, MethodVariables variables)
    {
        if ((variables.Bucket ?? declared?.Bucket) is not { } bucket) return null;
        var s3 = declared ?? new() { Name = name, Bucket = bucket };
        return s3 with
        {
            Bucket = bucket,
            Prefix = variables.Prefix ?? s3.Prefix,
            Region = variables.Region ?? s3.Region,
            Endpoint = variables.Endpoint ?? s3.Endpoint,

            // The file's reference was made for this bucket; AWS_* may be there for something else.
            AccessKeyId = s3.AccessKeyId ?? variables.AccessKeyId,
            SecretAccessKey = s3.SecretAccessKey ?? variables.SecretAccessKey,
        };
    }
}
