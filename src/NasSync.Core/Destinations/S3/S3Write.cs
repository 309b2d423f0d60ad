namespace NasSync.Destinations.S3;

/// <summary>One copy to a bucket: what is written, where it goes, and what is known of the server.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Key">The object's whole key.</param>
/// <param name="Abilities">What the server can do.</param>
/// <param name="Request">What is written.</param>
/// <param name="Uploads">The uploads on their way.</param>
/// <param name="Time">The clock.</param>
internal sealed record S3Write(
    S3Bucket Bucket,
    string Key,
    S3Abilities Abilities,
    WriteRequest Request,
    IUploadMemory Uploads,
    TimeProvider Time);
