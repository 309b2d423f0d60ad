namespace NasSync.Destinations.Sftp;

/// <summary>What a server tells of the file system of a path.</summary>
/// <param name="FreeBytes">Free for us.</param>
/// <param name="FreeInodes">Free for us; as many as there are numbers where there are no inodes.</param>
/// <param name="LongestName">In bytes.</param>
/// <param name="IsReadOnly">It is mounted for reading only.</param>
internal sealed record SftpSpace(long FreeBytes, long FreeInodes, int LongestName, bool IsReadOnly);
