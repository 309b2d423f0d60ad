namespace NasSync.Config;

/// <summary>Which configuration file is used.</summary>
public static class ConfigLocator
{
    /// <summary>The variable that names the file.</summary>
    public const string Variable = "NAS_SYNC_CONFIG_PATH";

    private const string ManifestName = "manifest.json";

    private static readonly string[] Names = ["nas-sync.yaml", "nas-sync.yml"];

    /// <summary>
    /// The named file, else the one <see cref="Variable"/> names, else <c>nas-sync.yaml</c> or <c>.yml</c> in the current folder, else beside
    /// the outputs folder that <paramref name="startPath"/> is or lies in, else none. A file in an outputs folder or a job folder is never
    /// taken, because producers can write there: it is named in the warning instead. A named file is taken even if it does not exist;
    /// <see cref="ConfigLoader"/> says so.
    /// </summary>
    /// <param name="explicitPath">What the user named; null when nothing.</param>
    /// <param name="environment">The environment's variables.</param>
    /// <param name="currentFolder">The current folder, as a full path.</param>
    /// <param name="startPath">What is to be synced: an outputs folder, a job folder or a manifest; null when it is not said.</param>
    public static ConfigLocation Locate(
        string? explicitPath, IReadOnlyDictionary<string, string> environment, string currentFolder, string? startPath = null)
    {
        ArgumentNullException.ThrowIfNull(environment);
        if (!string.IsNullOrEmpty(explicitPath)) return new(explicitPath, null);
        if (environment.TryGetValue(Variable, out var named) && named.Length > 0) return new(named, null);

        var outputs = OutputsFolder(startPath, currentFolder);
        ConfigProblem? warning = null;
        foreach (var folder in new[] { Path.GetFullPath(currentFolder), Path.GetDirectoryName(outputs) })
        {
            if (folder is null || Names.Select(name => Path.Join(folder, name)).FirstOrDefault(File.Exists) is not { } file) continue;
            if (folder != outputs && !BelongsToProducers(folder)) return new(file, warning);
            warning ??= new(
                ConfigSeverity.Warning, file, 0, 0, "config",
                "This file is not used, because producers can write to its folder; move it out of the outputs folder, or name it with --config.");
        }

        return new(null, warning);
    }

    // The outputs folder that a path is or lies in; null when nothing tells.
    private static string? OutputsFolder(string? startPath, string currentFolder)
    {
        if (string.IsNullOrEmpty(startPath) || startPath.Contains('\0')) return null;
        var start = Path.TrimEndingDirectorySeparator(Path.GetFullPath(startPath, currentFolder));
        var folder = File.Exists(start) ? Path.GetDirectoryName(start) : start;
        return folder is not null && File.Exists(Path.Join(folder, ManifestName)) ? Path.GetDirectoryName(folder) : folder;
    }

    // A job folder holds a manifest, an outputs folder holds folders with one.
    private static bool BelongsToProducers(string folder)
    {
        if (File.Exists(Path.Join(folder, ManifestName))) return true;
        try
        {
            return Directory.EnumerateDirectories(folder).Any(child => File.Exists(Path.Join(child, ManifestName)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }
}
