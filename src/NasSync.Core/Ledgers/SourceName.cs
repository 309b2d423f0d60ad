namespace NasSync.Ledgers;

/// <summary>Identifies the source of copies.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Artifact">The artifact, relative to the job folder.</param>
internal readonly record struct SourceName(string JobId, string Artifact);
