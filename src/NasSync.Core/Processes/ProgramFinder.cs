namespace NasSync.Processes;

/// <summary>Finds programs like a shell does.</summary>
internal static class ProgramFinder
{
    /// <summary>The full path of a program; null when neither the PATH nor the path in the name leads to an executable.</summary>
    public static string? Find(string program)
    {
        if (program.Contains('/') || program.Contains(Path.DirectorySeparatorChar)) return Runnable(Path.GetFullPath(program));
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.Select(folder => Runnable(Path.Combine(folder, program))).FirstOrDefault(found => found is not null);
    }

    private static string? Runnable(string path)
    {
        if (OperatingSystem.IsWindows()) return File.Exists(path) ? path : File.Exists(path + ".exe") ? path + ".exe" : null;
        const UnixFileMode Run = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return File.Exists(path) && (File.GetUnixFileMode(path) & Run) != 0 ? path : null;
    }
}
