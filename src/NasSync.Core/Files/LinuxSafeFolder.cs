using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>A folder held by its file descriptor: renaming its path or mounting over it does not affect the operations.</summary>
internal sealed class LinuxSafeFolder(SafeFileHandle handle, string shown) : SafeFolder
{
    public SafeFileHandle Handle => handle;

    public override FileStat? Stat(string name) => Libc.StatIn(handle, name);

    public override FileTraits? TraitsOf(string name)
    {
        // O_PATH: this process may not be allowed to read the file.
        using var file = Libc.OpenIn(handle, name, Libc.O_PATH | Libc.O_NOFOLLOW, 0, out _);
        return file is not null && OpenFiles.Stat(file).Kind == FileKind.Regular ? FileTraits.Of(file) : null;
    }

    /// <summary>
    /// Applies mode and ownership to a folder that was just created here. Removes a folder that does not take them: the next run would accept it as
    /// it is.
    /// </summary>
    /// <exception cref="FailureException">The system refused them (class Permission).</exception>
    public void GiveRights(string name, Rights? rights)
    {
        if (rights is not { ConcernsFolders: true }) return;
        try
        {
            using var folder = Libc.OpenIn(handle, name, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW, 0, out var errno)
                ?? throw Libc.Error(errno, "open folder", $"{shown}/{name}");
            rights.GiveToFolder(folder, $"{shown}/{name}");
            Libc.Fsync(folder);
        }
        catch
        {
            Libc.RemoveEmptyFolder(handle, name);
            throw;
        }
    }

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

    public override SafeFolder OpenSubfolder(string name)
    {
        var path = $"{shown}/{name}";
        return Libc.OpenIn(handle, name, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW, 0, out var errno) is { } folder
            ? new LinuxSafeFolder(folder, path)
            : throw Libc.Error(errno, "open folder", path);
    }

    public override SafeFileHandle OpenRead(string name)
    {
        var file = Libc.OpenIn(handle, name, Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_NOFOLLOW, 0, out var errno)
            ?? throw Libc.Error(errno, "open", $"{shown}/{name}");
        if (OpenFiles.Stat(file).Kind == FileKind.Regular) return file;
        file.Dispose();
        throw Libc.Error(Libc.EINVAL, "open", $"{shown}/{name}");
    }

    public override bool MoveTo(string name, SafeFolder folder, string newName) => Libc.Move(handle, name, ((LinuxSafeFolder)folder).Handle, newName);

    public override void Unlink(string name) => Libc.Unlink(handle, name);

    public override void RemoveEmptyFolder(string name) => Libc.RemoveEmptyFolder(handle, name);

    public override void Fsync() => Libc.Fsync(handle);

    public override void Dispose() => handle.Dispose();

    private protected override IEnumerable<string> AllNames(string prefix) => AllNamesIn($"/proc/self/fd/{handle.DangerousGetHandle()}", prefix);

    // Through /proc/self/fd, so that the held folder is listed, even if its path leads elsewhere now.
    private protected override IEnumerable<string> Names() =>
        Directory.EnumerateFiles($"/proc/self/fd/{handle.DangerousGetHandle()}").Select(path => Path.GetFileName(path)!);
}
