using Amazon.S3;
using Amazon.S3.Model;
using NasSync.Config;

namespace NasSync.Destinations.S3;

/// <summary>Puts on a request how the object is to be kept; what the configuration leaves open is left to the bucket.</summary>
internal static class S3Storage
{
    /// <summary>For an object in one request.</summary>
    public static void Apply(this S3DestinationConfig config, PutObjectRequest put)
    {
        put.StorageClass = ClassOf(config);
        config.ApplyEncryption(put);
    }

    /// <summary>Only the encryption: it may change the entity tags, so the probe needs it too.</summary>
    public static void ApplyEncryption(this S3DestinationConfig config, PutObjectRequest put)
    {
        put.ServerSideEncryptionMethod = EncryptionOf(config);
        put.ServerSideEncryptionKeyManagementServiceKeyId = config.KmsKeyId;
    }

    /// <summary>For an object in parts, wherever they come from.</summary>
    public static void Apply(this S3DestinationConfig config, InitiateMultipartUploadRequest begin)
    {
        begin.StorageClass = ClassOf(config);
        begin.ServerSideEncryptionMethod = EncryptionOf(config);
        begin.ServerSideEncryptionKeyManagementServiceKeyId = config.KmsKeyId;
    }

    private static S3StorageClass? ClassOf(S3DestinationConfig config) => config.StorageClass is { } name ? new S3StorageClass(name) : null;

    private static ServerSideEncryptionMethod? EncryptionOf(S3DestinationConfig config) =>
        config.ServerSideEncryption is { } name ? new ServerSideEncryptionMethod(name) : null;
}
