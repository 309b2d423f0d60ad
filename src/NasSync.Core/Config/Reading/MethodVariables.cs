using System.Globalization;

namespace NasSync.Config.Reading;

/// <summary>What the environment says about the destination of plain paths. Null means not set; a limit of 0 means unlimited.</summary>
internal sealed record MethodVariables(
    long? RsyncLimit,
    bool? RsyncCompress,
    string? Bucket,
    string? Prefix,
    string? Region,
    Uri? Endpoint,
    SecretReference? AccessKeyId,
    SecretReference? SecretAccessKey,
    string? Host,
    string? User,
    string? IdentityFile)
{
    private const string AccessKey = "AWS_ACCESS_KEY_ID";
    private const string SecretKey = "AWS_SECRET_ACCESS_KEY";
    private const string SessionToken = "AWS_SESSION_TOKEN";

    public static MethodVariables Read(EnvironmentReader environment, TransferMethod method, ProblemList problems)
    {
        var (id, secret) = (Reference(AccessKey), Reference(SecretKey));
        if (environment.Has(SessionToken) || id is null != secret is null)
        {
            // With a session token all three variables belong together, so leave them to the AWS credential chain. Half a pair is useless.
            var (set, unset) = id is null ? (SecretKey, AccessKey) : (AccessKey, SecretKey);
            if (method == TransferMethod.S3 && id is null != secret is null)
                problems.Warning(EnvironmentReader.OriginOf(set).Place, set, $"{set} is set but {unset} is not, so neither is used; set both.");
            (id, secret) = (null, null);
        }

        // Other programs use these variables too, so they are checked only where NasSync uses them.
        if (method == TransferMethod.S3) foreach (var name in (string[])[AccessKey, SecretKey, SessionToken]) environment.Text(name, isSecret: true);
        return new(
            environment.Value("NAS_RSYNC_BW_LIMIT", "destinations.rsync", KilobytesPerSecond),
            environment.Bool("NAS_RSYNC_COMPRESS", "destinations.rsync"),
            environment.Object("NAS_S3_BUCKET", "destinations.s3", Texts.Bucket),
            environment.Object("NAS_S3_PREFIX", "destinations.s3.prefix", Texts.Prefix),
            environment.Words("NAS_S3_REGION", "destinations.s3"),
            environment.Object("NAS_S3_ENDPOINT", "destinations.s3", Texts.Endpoint),
            id,
            secret,
            environment.Object("NAS_SCP_HOST", "destinations.sftp", Texts.HostVariable),
            environment.Object("NAS_SCP_USER", "destinations.sftp", Texts.Host),
            environment.FullPath("NAS_SCP_KEY", "destinations.sftp"));

        // The value is not read here; only its presence counts.
        SecretReference? Reference(string name) => !environment.Has(name) ? null : new("env", name);
    }

    // rsync's --bwlimit uses units of 1024 bytes (rsync(1)), which it calls KB.
    private static Parsed<long> KilobytesPerSecond(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var kilobytes) && kilobytes <= long.MaxValue / 1024
            ? kilobytes * 1024
            : Parsed<long>.Wrong($"'{text}' is no number of KB per second; write for example 5000, or 0 for no limit.");
}
