using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>A folder by its path, through managed calls. Entries are not fsynced: Windows and macOS offer no call for it that .NET reaches.</summary>
internal sealed class PortableSafeFolder(string fullPath) : SafeFolder
{
    public override FileStat? Stat(string name) => PortableStat.OfPath(Path.Combine(fullPath, name));

    public override SafeFileHandle CreateNew(string name)
    {
        Unlink(name);
        return File.OpenHandle(Path.Combine(fullPath, name), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
    }

    public override bool Rename(string from, string to, bool replace)
    {
        var target = Path.Combine(fullPath, to);
        try
        {
            // Both names are in one folder, so this cannot become the copy-and-delete that File.Move does across devices.
            File.Move(Path.Combine(fullPath, from), target, replace);
            return true;
        }
        catch (IOException) when (!replace && PortableStat.OfPath(target) is not null)
        {
            return false;
        }
    }

    public override void Unlink(string name) => File.Delete(Path.Combine(fullPath, name));

    public override void RemoveEmptyFolder(string name)
    {
        var path = Path.Combine(fullPath, name);
        var isEmptyFolder = new DirectoryInfo(path) is { Exists: true, LinkTarget: null } && !Directory.EnumerateFileSystemEntries(path).Any();
        if (isEmptyFolder) Directory.Delete(path, recursive: false);
    }

    public override void Fsync()
    {
    }

    public override void Dispose()
    {
    }

    private protected override IEnumerable<string> Names() => Directory.EnumerateFiles(fullPath).Select(path => Path.GetFileName(path)!);
}
