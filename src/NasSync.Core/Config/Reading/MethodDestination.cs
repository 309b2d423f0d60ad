namespace NasSync.Config.Reading;

/// <summary>
/// The destination of plain paths when the method is not local: the one named like the method. The file may describe it; the environment completes or
/// creates it.
/// </summary>
internal static class MethodDestination
{
    /// <summary>The destination's name for a method; null for <see cref="TransferMethod.Local"/>, whose plain paths need no destination.</summary>
    public static string? NameFor(TransferMethod method) => method switch
    {
        TransferMethod.Rsync => "rsync",
        TransferMethod.Scp or TransferMethod.Sftp => "sftp",
        TransferMethod.S3 => "s3",
        _ => null,
    };

    /// <summary>What the user can do when the destination is missing.</summary>
    public static string CureFor(TransferMethod method) => method == TransferMethod.S3
        ? "set NAS_S3_BUCKET, or describe a destination named 's3'."
        : "set NAS_SCP_HOST, or describe a destination named 'sftp'.";

    /// <summary>The destinations, including the method's own if enough is known to create it.</summary>
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
        // Without a target of its own, each plain path (each remote root) is the target itself.
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

            // A reference in the file was made for this bucket; AWS_* may be set for another purpose.
            AccessKeyId = s3.AccessKeyId ?? variables.AccessKeyId,
            SecretAccessKey = s3.SecretAccessKey ?? variables.SecretAccessKey,
        };
    }
}
