using NasSync.Config.Reading;

namespace NasSync.Config;

/// <summary>Decides which configuration file to use.</summary>
public static class ConfigLocator
{
    /// <summary>The environment variable that names the file.</summary>
    public const string Variable = "NAS_SYNC_CONFIG_PATH";

    private const string ManifestName = "manifest.json";

    private static readonly string[] Names = ["nas-sync.yaml", "nas-sync.yml"];

    /// <summary>
    /// Finds the file: the explicitly named one, else the one that <see cref="Variable"/> names, else <c>nas-sync.yaml</c> or <c>.yml</c> in the
    /// current folder, else beside the outputs folder that contains or equals <paramref name="startPath"/>, else none. Ignores a file inside an
    /// outputs or job folder, because producers can write there, and names it in the warning. Returns a named file even if it does not exist;
    /// <see cref="ConfigLoader"/> reports that.
    /// </summary>
    /// <param name="explicitPath">The file that the user named; null when none.</param>
    /// <param name="environment">The environment variables.</param>
    /// <param name="currentFolder">The current folder, as a full path.</param>
    /// <param name="startPath">The outputs folder, job folder or manifest to sync; null when unknown.</param>
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

        return new(null, warning ?? (VariablesAlone.AreSet(environment) ? null : Unconfigured(currentFolder)));
    }

    // Without this, a command in a wrong folder would find an empty ledger there and say that nothing failed and nothing is lost.
    private static ConfigProblem Unconfigured(string currentFolder) => new(
        ConfigSeverity.Warning, currentFolder, 0, 0, "config",
        $"There is no {Names[0]} here, and no variable configures NasSync, so the defaults apply; name the configuration with --config, "
            + $"or set {Variable}.");

    // The outputs folder that contains or equals a path; null when there is no path.
    private static string? OutputsFolder(string? startPath, string currentFolder)
    {
        if (string.IsNullOrEmpty(startPath) || startPath.Contains('\0')) return null;
        var start = Path.TrimEndingDirectorySeparator(Path.GetFullPath(startPath, currentFolder));
        var folder = File.Exists(start) ? Path.GetDirectoryName(start) : start;
        return folder is not null && File.Exists(Path.Join(folder, ManifestName)) ? Path.GetDirectoryName(folder) : folder;
    }

    // A job folder contains a manifest; an outputs folder contains job folders.
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
