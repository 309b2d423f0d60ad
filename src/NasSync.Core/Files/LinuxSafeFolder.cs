using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>A folder held by its descriptor: what is renamed or mounted over its path meanwhile does not matter.</summary>
internal sealed class LinuxSafeFolder(SafeFileHandle handle, string shown) : SafeFolder
{
    public SafeFileHandle Handle => handle;

    public override FileStat? Stat(string name) => Libc.StatIn(handle, name);

    public override SafeFileHandle CreateNew(string name)
    {
        var flags = Libc.O_RDWR | Libc.O_CREAT | Libc.O_EXCL | Libc.O_NOFOLLOW;
        var file = Libc.OpenIn(handle, name, flags, 0x1B6, out var errno);
        if (file is null && errno == Libc.EEXIST)
        {
            Unlink(name);
            file = Libc.OpenIn(handle, name, flags, 0x1B6, out errno);
        }

        return file ?? throw Libc.Error(errno, "create", $"{shown}/{name}");
    }

    public override bool Rename(string from, string to, bool replace) => Libc.Rename(handle, from, to, replace);

    public override void Unlink(string name) => Libc.Unlink(handle, name);

    public override void RemoveEmptyFolder(string name) => Libc.RemoveEmptyFolder(handle, name);

    public override void Fsync() => Libc.Fsync(handle);

    public override void Dispose() => handle.Dispose();

    // By way of the descriptor, so that it is this very folder that is listed, whatever its path leads to by now.
    private protected override IEnumerable<string> Names() =>
        Directory.EnumerateFiles($"/proc/self/fd/{handle.DangerousGetHandle()}").Select(path => Path.GetFileName(path)!);
}
