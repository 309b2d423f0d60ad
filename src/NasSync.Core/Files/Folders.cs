using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>Creates the folders that a configuration names.</summary>
internal static class Folders
{
    /// <summary>Creates a folder and its missing parents; fsyncs each new entry in its parent, so that a power cut cannot lose it.</summary>
    /// <param name="fullPath">The folder.</param>
    /// <param name="rights">Mode and ownership of each new folder; null leaves them to the process's umask.</param>
    public static void CreateDurably(string fullPath, Rights? rights = null)
    {
        var missing = new Stack<string>();
        for (var folder = Path.GetFullPath(fullPath); folder is not null && !Directory.Exists(folder); folder = Path.GetDirectoryName(folder))
            missing.Push(folder);
        foreach (var folder in missing)
        {
            Directory.CreateDirectory(folder);
            if (rights is { ConcernsFolders: true }) GiveRights(folder, rights);
            if (Path.GetDirectoryName(folder) is { } parent) FsyncFolder(parent);
        }
    }

    // Remove a folder that did not take its rights: the next run would accept it as it is.
    private static void GiveRights(string folder, Rights rights)
    {
        try
        {
            using var handle = Libc.OpenFolder(folder);
            rights.GiveToFolder(handle, folder);
            Libc.Fsync(handle);
        }
        catch
        {
            Directory.Delete(folder);
            throw;
        }
    }

    private static void FsyncFolder(string path)
    {
        if (!OperatingSystem.IsLinux()) return;
        using SafeFileHandle handle = Libc.OpenFolder(path);
        Libc.Fsync(handle);
    }
}
