using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>Makes the folders that a configuration names.</summary>
internal static class Folders
{
    /// <summary>Makes a folder with its parents; each new entry is fsynced in its parent, so that none vanishes with a power cut.</summary>
    public static void CreateDurably(string fullPath)
    {
        var missing = new Stack<string>();
        for (var folder = Path.GetFullPath(fullPath); folder is not null && !Directory.Exists(folder); folder = Path.GetDirectoryName(folder))
            missing.Push(folder);
        foreach (var folder in missing)
        {
            Directory.CreateDirectory(folder);
            if (Path.GetDirectoryName(folder) is { } parent) FsyncFolder(parent);
        }
    }

    private static void FsyncFolder(string path)
    {
        if (!OperatingSystem.IsLinux()) return;
        using SafeFileHandle handle = Libc.OpenFolder(path);
        Libc.Fsync(handle);
    }
}
