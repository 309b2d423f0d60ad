using NasSync.Files;

namespace NasSync.Config;

/// <summary>
/// Warns of roots of this machine that are files, or lie below one: every copy there would fail. Only a check of the configuration looks; other
/// commands read it alone, and need no place to answer.
/// </summary>
public static class RootsThatAreFiles
{
    /// <summary>The result with one more warning for each such root. Network file systems are not examined, because they may hang.</summary>
    public static ConfigResult Look(ConfigResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (result.Config is not { } config) return result;
        var found = Roots(config).Select(root => (root.Setting, File: FileOnTheWay(root.Folder))).Where(root => root.File is not null).ToList();
        if (found.Count == 0) return result;
        return result with { Problems = [.. result.Problems, .. found.Select(root => Warning(config, root.Setting, root.File!))] };
    }

    private static IEnumerable<(string Setting, string Folder)> Roots(SyncConfig config)
    {
        foreach (var local in config.Destinations.Values.OfType<LocalDestinationConfig>())
            yield return ($"nasSync.destinations.{local.Name}.root", local.Root);
        if (config.Method != TransferMethod.Local) yield break;
        foreach (var (name, root) in config.RemoteRoots) yield return ($"nasSync.remoteRoots.{name}", root);
        foreach (var route in config.Routes)
            foreach (var to in route.To) yield return ($"nasSync.routes[{route.Number}].to", FolderOf(to));
    }

    // The folders before the first placeholder. A name that contains a placeholder is unknown here.
    private static string FolderOf(string to) =>
        to.IndexOf("${", StringComparison.Ordinal) is >= 0 and var at ? to[..(to.LastIndexOf('/', at) + 1)] : to;

    private static string? FileOnTheWay(string folder)
    {
        if (!Path.IsPathFullyQualified(folder) || NetworkFileSystem.MayHang(folder)) return null;
        for (var path = Path.TrimEndingDirectorySeparator(folder); !string.IsNullOrEmpty(path); path = Path.GetDirectoryName(path))
        {
            if (File.Exists(path)) return path;
            if (Directory.Exists(path)) return null;
        }

        return null;
    }

    private static ConfigProblem Warning(SyncConfig config, string setting, string file) => new(
        ConfigSeverity.Warning,
        config.File ?? "environment",
        0,
        0,
        setting,
        $"{Failure.Quote(file)} is a file, and copies need a folder there; correct the path, or move the file away.");
}
