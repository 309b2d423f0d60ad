namespace NasSync.Ledgers;

/// <summary>The source of copies.</summary>
/// <param name="JobId">Its job.</param>
/// <param name="Artifact">The artifact, relative to the job folder.</param>
internal readonly record struct SourceName(string JobId, string Artifact);
