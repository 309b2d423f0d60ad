using Amazon.S3;
using Amazon.S3.Model;
using NasSync.Config;

namespace NasSync.Destinations.S3;

/// <summary>Sets on a request how the object is stored; whatever the configuration leaves open, the bucket decides.</summary>
internal static class S3Storage
{
    /// <summary>Sets storage class and encryption of an object in one request.</summary>
    public static void Apply(this S3DestinationConfig config, PutObjectRequest put)
    {
        put.StorageClass = ClassOf(config);
        config.ApplyEncryption(put);
    }

    /// <summary>Sets only the encryption: it may change the entity tags, so the probe needs it too.</summary>
    public static void ApplyEncryption(this S3DestinationConfig config, PutObjectRequest put)
    {
        put.ServerSideEncryptionMethod = EncryptionOf(config);
        put.ServerSideEncryptionKeyManagementServiceKeyId = config.KmsKeyId;
    }

    /// <summary>Sets storage class and encryption of an object in parts, uploaded or copied.</summary>
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
