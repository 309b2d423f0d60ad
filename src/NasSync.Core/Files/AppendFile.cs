using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>
/// A file of lines that is only ever added to, also while other processes add to it, move it away or cut it to nothing. On Linux each write
/// goes behind whatever is there at that moment; elsewhere only one process at a time may add.
/// </summary>
internal sealed class AppendFile : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly string _path;
    private readonly FileState _opened;

    private AppendFile(SafeFileHandle handle, string path) => (_handle, _path, _opened) = (handle, path, OpenFiles.Stat(handle).State);

    /// <summary>
    /// Bytes in the file now, whoever wrote them, 0 for a device or a pipe; null when its path leads to it no longer: it was moved away or removed,
    /// and perhaps another one stands there. One look at the path tells all of it.
    /// </summary>
    /// <exception cref="IOException">The path cannot be looked at.</exception>
    public long? Length()
    {
        if (!OperatingSystem.IsLinux())
        {
            // Files have no number here that managed calls tell: one of another length is another one.
            var held = OpenFiles.Stat(_handle).State.Size;
            return new FileInfo(_path) is { Exists: true } there && there.Length == held ? held : null;
        }

        if (Libc.StatPath(_path) is not { } stat || (stat.State.Device, stat.State.Inode) != (_opened.Device, _opened.Inode)) return null;
        return stat.Kind == FileKind.Regular ? stat.State.Size : 0;
    }

    /// <summary>Opens the file, made with its folders where it is missing. A last line that someone broke off is ended.</summary>
    /// <exception cref="IOException">It cannot be opened; so for <see cref="UnauthorizedAccessException"/>.</exception>
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

    /// <summary>Adds bytes at the end. When not all of them fit, none of them stay.</summary>
    /// <param name="bytes">Whole lines.</param>
    /// <param name="length">What <see cref="Length"/> said just before.</param>
    /// <exception cref="IOException">The medium refused.</exception>
    public void Write(ReadOnlySpan<byte> bytes, long length)
    {
        try
        {
            // Only where there is no O_APPEND does the offset count.
            RandomAccess.Write(_handle, bytes, length);
        }
        catch (IOException)
        {
            TakeBack(bytes, length);
            throw;
        }
    }

    /// <summary>The first bytes of the file; fewer, or none, where it is shorter or cannot be read.</summary>
    public byte[] Beginning(int bytes) => Length() > 0 ? Read(0, bytes) : [];

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    // Half a line at the end would be read as a broken one. It goes only if it is surely ours: another process may have added its own.
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
            // Then whoever opens the file next ends the half line.
        }
    }

    // By a handle of its own: who adds need not be allowed to read.
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
