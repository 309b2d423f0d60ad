using System.Text;
using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>
/// Stats the file of one name in many subfolders of a folder. On Linux each takes one system call, relative to the open folder. Use it for a single
/// scan: a folder that is held open cannot be unmounted.
/// </summary>
internal sealed class SubfolderFile : IDisposable
{
    /// <summary>The state of a file that cannot be examined.</summary>
    public static readonly FileState Unknown = new(-1, 0, 0, 0);

    private readonly string _folder;
    private readonly string _name;
    private readonly SafeFileHandle? _handle;
    private byte[] _path = new byte[512];

    /// <summary>Opens the folder.</summary>
    /// <exception cref="IOException">The folder does not exist, or may not be opened.</exception>
    public SubfolderFile(string folder, string name)
    {
        (_folder, _name) = (folder, name);
        if (OperatingSystem.IsLinux()) _handle = Libc.OpenFolder(folder);
    }

    /// <summary>The file's state with links followed; the link's own state when it dangles; null when there is no file.</summary>
    public FileState? In(ReadOnlySpan<char> subfolder)
    {
        if (_handle is null) return Portable(Path.Combine(_folder, subfolder.ToString(), _name));
        var path = PathBelow(subfolder);
        var stat = Libc.StatBelow(_handle, path, followLinks: true, out var errno);
        if (errno is Libc.ENOENT or Libc.ELOOP) stat = Libc.StatBelow(_handle, path, followLinks: false, out errno);
        if (stat is { } seen) return seen.Kind == FileKind.Folder ? null : seen.State;
        return errno is Libc.ENOENT or Libc.ENOTDIR ? null : Unknown;
    }

    /// <inheritdoc/>
    public void Dispose() => _handle?.Dispose();

    private static FileState? Portable(string path)
    {
        try
        {
            return PortableStat.OfPath(path) is { Kind: not FileKind.Folder } stat ? stat.State : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Unknown;
        }
    }

    private ReadOnlySpan<byte> PathBelow(ReadOnlySpan<char> subfolder)
    {
        var most = Encoding.UTF8.GetMaxByteCount(subfolder.Length + _name.Length + 2);
        if (most > _path.Length) _path = new byte[most];
        var length = Encoding.UTF8.GetBytes(subfolder, _path);
        _path[length++] = (byte)'/';
        length += Encoding.UTF8.GetBytes(_name, _path.AsSpan(length));
        _path[length++] = 0;
        return _path.AsSpan(0, length);
    }
}
