namespace NasSync.Files;

/// <summary>A pipe, a socket or a device stands where a file is expected.</summary>
public sealed class NoFileException(string fullPath) : IOException($"'{fullPath}' is no file but a pipe, a socket or a device");
