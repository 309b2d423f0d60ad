namespace NasSync.Destinations.Sftp;

/// <summary>The state of a file system on the server.</summary>
/// <param name="FreeBytes">Bytes available to our account.</param>
/// <param name="FreeInodes">Inodes available to our account; <see cref="long.MaxValue"/> where the file system has none.</param>
/// <param name="LongestName">Maximum length of a name, in bytes.</param>
/// <param name="IsReadOnly">Whether it is mounted read-only.</param>
internal sealed record SftpSpace(long FreeBytes, long FreeInodes, int LongestName, bool IsReadOnly);
