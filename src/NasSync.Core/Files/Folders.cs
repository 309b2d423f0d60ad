using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>Makes the folders that a configuration names.</summary>
internal static class Folders
{
    /// <summary>Makes a folder with its parents; each new entry is fsynced in its parent, so that none vanishes with a power cut.</summary>
    /// <param name="fullPath">The folder.</param>
    /// <param name="rights">What each new one is given; null: as the process's umask says.</param>
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

    // One that could not be given them is not left behind: the next run would take it as it is.
    private static void GiveRights(string folder, Rights rights)
    {
        try
        {
            using var handle = Libc.OpenFolder(folder);
            rights.GiveToFolder(handle, folder);
            Libc.Fsync(handle);
        }
        catch (FailureException)
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
