using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>A folder held by its path, with managed calls only. Entries are not fsynced: .NET offers no such call on Windows and macOS.</summary>
internal sealed class PortableSafeFolder(string fullPath) : SafeFolder
{
    private readonly string _path = fullPath;

    public override FileStat? Stat(string name) => PortableStat.OfPath(Path.Combine(_path, name));

    public override SafeFileHandle CreateNew(string name)
    {
        Unlink(name);
        return File.OpenHandle(Path.Combine(_path, name), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
    }

    public override bool Rename(string from, string to, bool replace)
    {
        var target = Path.Combine(_path, to);
        try
        {
            // Both names are in one folder, so File.Move cannot fall back to copy-and-delete, as it does across devices.
            File.Move(Path.Combine(_path, from), target, replace);
            return true;
        }
        catch (IOException) when (!replace && PortableStat.OfPath(target) is not null)
        {
            return false;
        }
    }

    public override SafeFolder OpenSubfolder(string name)
    {
        var path = Path.Combine(_path, name);
        return new DirectoryInfo(path) is { Exists: true, LinkTarget: null }
            ? new PortableSafeFolder(path)
            : throw new DirectoryNotFoundException($"cannot open folder '{path}'");
    }

    public override SafeFileHandle OpenRead(string name)
    {
        var path = Path.Combine(_path, name);
        if (PortableStat.OfPath(path) is not { Kind: FileKind.Regular }) throw new FileNotFoundException($"cannot open '{path}'", path);
        return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
    }

    public override bool MoveTo(string name, SafeFolder folder, string newName)
    {
        var (from, to) = (Path.Combine(_path, name), Path.Combine(((PortableSafeFolder)folder)._path, newName));
        if (Path.Exists(to)) return false;

        // For a folder, .NET never falls back to copying: a move across devices throws.
        Directory.Move(from, to);
        return true;
    }

    public override void Unlink(string name) => File.Delete(Path.Combine(_path, name));

    public override void RemoveEmptyFolder(string name)
    {
        var path = Path.Combine(_path, name);
        var isEmptyFolder = new DirectoryInfo(path) is { Exists: true, LinkTarget: null } && !Directory.EnumerateFileSystemEntries(path).Any();
        if (isEmptyFolder) Directory.Delete(path, recursive: false);
    }

    public override void Fsync()
    {
    }

    public override void Dispose()
    {
    }

    private protected override IEnumerable<string> AllNames(string prefix) => AllNamesIn(_path, prefix);

    private protected override IEnumerable<string> Names() => Directory.EnumerateFiles(_path).Select(path => Path.GetFileName(path)!);
}
