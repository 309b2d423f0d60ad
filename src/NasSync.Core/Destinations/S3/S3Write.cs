namespace NasSync.Destinations.S3;

/// <summary>One copy to a bucket: its request, its place and the abilities of the server.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Key">The object's whole key.</param>
/// <param name="Abilities">The abilities of the server.</param>
/// <param name="Request">The request for the copy.</param>
/// <param name="Uploads">Remembers unfinished uploads.</param>
/// <param name="Time">The clock.</param>
internal sealed record S3Write(
    S3Bucket Bucket,
    string Key,
    S3Abilities Abilities,
    WriteRequest Request,
    IUploadMemory Uploads,
    TimeProvider Time);
