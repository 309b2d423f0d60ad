namespace NasSync.Transfers;

/// <summary>Identifies an unfinished copy at a destination, so that only a copy of the same content resumes it.</summary>
internal static class SourceFingerprint
{
    /// <summary>The fingerprint of an artifact with its source in a given state.</summary>
    public static string Of(string jobId, string artifact, FileState source) =>
        $"{jobId}/{artifact}:{source.Size}:{source.MtimeNs}:{source.Inode}:{source.ChangeNs}";
}
