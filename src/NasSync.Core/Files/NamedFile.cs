namespace NasSync.Files;

/// <summary>
/// Reads files that people name, in a setting or a command. A pipe that nobody writes to would be waited for without end, and a device has no end:
/// both are refused before anything waits. Standard input, and what a shell hands over as <c>/dev/fd/N</c>, are pipes that somebody means.
/// </summary>
public static class NamedFile
{
    private static readonly string[] Handed = ["/dev/fd/", "/proc/self/fd/"];

    /// <summary>Whether a path names what a shell handed over: it is read once, and there is nothing beside it.</summary>
    public static bool IsHanded(string? fullPath) =>
        fullPath is not null
            && !OperatingSystem.IsWindows()
            && (fullPath == "/dev/stdin" || Handed.Any(folder => fullPath.StartsWith(folder, StringComparison.Ordinal)));

    /// <summary>Opens a file for reading, whoever else writes, replaces or removes it.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="NoFileException">It is a pipe, a socket or a device.</exception>
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

    /// <summary>All of a text; null when it is longer than a number of characters.</summary>
    /// <param name="reader">Gives the text, perhaps without end.</param>
    /// <param name="most">So many characters at most.</param>
    public static string? ReadUpTo(TextReader reader, int most)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var text = new char[Math.Min(most, 1 << 20) + 1];
        var length = reader.ReadBlock(text, 0, text.Length);
        return length < text.Length ? new string(text, 0, length) : null;
    }

    /// <summary>Refuses what stands at a path unless it is a regular file, or nothing, without opening it.</summary>
    /// <exception cref="NoFileException">A pipe, a socket or a device stands there.</exception>
    public static void RequireNoSpecial(string fullPath)
    {
        if (OperatingSystem.IsLinux() && Libc.StatPath(fullPath) is { Kind: FileKind.Special }) throw new NoFileException(fullPath);
    }

    private static void Require(FileKind kind, string fullPath)
    {
        // People write /dev/null for "no file", and it has an end.
        if (kind == FileKind.Regular || fullPath == "/dev/null") return;
        throw kind == FileKind.Folder ? Libc.Error(Libc.EISDIR, "read", fullPath) : new NoFileException(fullPath);
    }
}
