namespace NasSync.Transfers;

/// <summary>What a destination knows a broken-off copy by, so that only a copy of the same content goes on with it.</summary>
internal static class SourceFingerprint
{
    /// <summary>Of an artifact whose source looks like this.</summary>
    public static string Of(string jobId, string artifact, FileState source) =>
        $"{jobId}/{artifact}:{source.Size}:{source.MtimeNs}:{source.Inode}:{source.ChangeNs}";
}
