namespace NasSync.Files;

/// <summary>
/// Reads files that people name in a setting or a command. Reading a pipe without a writer would wait forever and a device may be endless, so both
/// are refused before anything blocks. Standard input and <c>/dev/fd/N</c>, which a shell passes, are pipes that the user means.
/// </summary>
public static class NamedFile
{
    private static readonly string[] Handed = ["/dev/fd/", "/proc/self/fd/"];

    /// <summary>Whether a path names a descriptor that a shell passed: it can be read only once, and it has no sibling files.</summary>
    public static bool IsHanded(string? fullPath) =>
        fullPath is not null
            && !OperatingSystem.IsWindows()
            && (fullPath == "/dev/stdin" || Handed.Any(folder => fullPath.StartsWith(folder, StringComparison.Ordinal)));

    /// <summary>Opens a file for reading; other processes may write, replace or remove it meanwhile.</summary>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="NoFileException">The path names a pipe, a socket or a device.</exception>
    public static FileStream OpenRead(string fullPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(fullPath);
        if (!OperatingSystem.IsLinux() || IsHanded(fullPath))
            return new FileStream(fullPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var handle = Libc.OpenWithoutWaiting(fullPath);
        try
        {
            Require(OpenFiles.Stat(handle).Kind, fullPath);
            return new FileStream(handle, FileAccess.Read);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Reads all of a text; null when it is longer than a number of characters.</summary>
    /// <param name="reader">The source of the text, which may be endless.</param>
    /// <param name="most">The limit in characters; values above 1,048,576 count as that.</param>
    public static string? ReadUpTo(TextReader reader, int most)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var text = new char[Math.Min(most, 1 << 20) + 1];
        var length = reader.ReadBlock(text, 0, text.Length);
        return length < text.Length ? new string(text, 0, length) : null;
    }

    /// <summary>Throws unless a path names a regular file, a folder or nothing. Does not open it.</summary>
    /// <exception cref="NoFileException">The path names a pipe, a socket or a device.</exception>
    public static void RequireNoSpecial(string fullPath)
    {
        if (OperatingSystem.IsLinux() && Libc.StatPath(fullPath) is { Kind: FileKind.Special }) throw new NoFileException(fullPath);
    }

    private static void Require(FileKind kind, string fullPath)
    {
        // People write /dev/null for "no file", and reading it ends at once.
        if (kind == FileKind.Regular || fullPath == "/dev/null") return;
        throw kind == FileKind.Folder ? Libc.Error(Libc.EISDIR, "read", fullPath) : new NoFileException(fullPath);
    }
}
