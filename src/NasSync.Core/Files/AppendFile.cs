using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>
/// An append-only file of lines. Other processes may append to it, rename it or truncate it meanwhile. On Linux every write uses <c>O_APPEND</c>; on
/// other platforms only one process at a time may append.
/// </summary>
internal sealed class AppendFile : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly string _path;
    private readonly FileState _opened;

    private AppendFile(SafeFileHandle handle, string path) => (_handle, _path, _opened) = (handle, path, OpenFiles.Stat(handle).State);

    /// <summary>
    /// The file's current size in bytes, including what other processes wrote; 0 for a device or a pipe. Null when the path no longer leads to the
    /// open file, because the file was renamed or removed and perhaps replaced. Takes a single stat of the path.
    /// </summary>
    /// <exception cref="IOException">The path cannot be examined.</exception>
    public long? Length()
    {
        if (!OperatingSystem.IsLinux())
        {
            // Managed calls give no file number here, so a different length stands for a different file.
            var held = OpenFiles.Stat(_handle).State.Size;
            return new FileInfo(_path) is { Exists: true } there && there.Length == held ? held : null;
        }

        if (Libc.StatPath(_path) is not { } stat || (stat.State.Device, stat.State.Inode) != (_opened.Device, _opened.Inode)) return null;
        return stat.Kind == FileKind.Regular ? stat.State.Size : 0;
    }

    /// <summary>Opens the file and creates it and its folders when they are missing. Terminates an unfinished last line.</summary>
    /// <exception cref="IOException">The file cannot be opened; <see cref="UnauthorizedAccessException"/> likewise.</exception>
    public static AppendFile Open(string fullPath)
    {
        if (Path.GetDirectoryName(fullPath) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
        var handle = OperatingSystem.IsLinux()
            ? Libc.OpenAppend(fullPath)
            : File.OpenHandle(fullPath, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            var file = new AppendFile(handle, fullPath);
            if (file.Length() is > 0 and var length && file.Read(length - 1, 1) is [not (byte)'\n']) file.Write("\n"u8, length);
            return file;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Appends bytes. When only some of them could be written, removes them again.</summary>
    /// <param name="bytes">Whole lines.</param>
    /// <param name="length">The value that <see cref="Length"/> returned just before.</param>
    /// <exception cref="IOException">The write failed.</exception>
    public void Write(ReadOnlySpan<byte> bytes, long length)
    {
        try
        {
            // The offset matters only without O_APPEND.
            RandomAccess.Write(_handle, bytes, length);
        }
        catch (IOException)
        {
            TakeBack(bytes, length);
            throw;
        }
    }

    /// <summary>The first bytes of the file; fewer, or none, if it is shorter or cannot be read.</summary>
    public byte[] Beginning(int bytes) => Length() > 0 ? Read(0, bytes) : [];

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    // A reader would take half a line at the end for a damaged line. Truncate only if the bytes are surely ours: another process may have appended.
    private void TakeBack(ReadOnlySpan<byte> bytes, long before)
    {
        try
        {
            var written = (Length() ?? 0) - before;
            if (written > 0 && written <= bytes.Length && Read(before, (int)written).AsSpan().SequenceEqual(bytes[..(int)written]))
                RandomAccess.SetLength(_handle, before);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            // The next Open terminates the half line.
        }
    }

    // Uses a second handle: a process that may append is not necessarily allowed to read.
    private byte[] Read(long offset, int bytes)
    {
        try
        {
            using var reader = File.OpenHandle(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var buffer = new byte[bytes];
            return buffer[..RandomAccess.Read(reader, buffer, offset)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
