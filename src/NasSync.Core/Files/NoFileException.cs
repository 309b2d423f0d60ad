namespace NasSync.Files;

/// <summary>Thrown when a path names a pipe, a socket or a device where a file is expected.</summary>
public sealed class NoFileException(string fullPath) : IOException($"'{fullPath}' is no file but a pipe, a socket or a device");
