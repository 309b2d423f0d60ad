using NasSync.Config;

namespace NasSync.Routing;

/// <summary>
/// What metrics call the place of a target: the destination's name, <c>remoteRoots.KEY</c> for the folder or rsync target that a remote root is, and
/// <c>local</c> for all other folders of this machine. As many as the configuration names, whatever manifests say, and never a path.
/// </summary>
internal static class PlaceLabel
{
    /// <summary>The label of a target's place.</summary>
    public static string Of(Target target, SyncConfig config) => Of(target.Destination, target.Root, config);

    /// <summary>The label of a root of a destination.</summary>
    public static string Of(string destination, string root, SyncConfig config)
    {
        var isItsOwnRoot = destination == Target.LocalName
            || config.Destinations.GetValueOrDefault(destination) is RsyncDestinationConfig { Target.Length: 0 };
        if (!isItsOwnRoot) return destination;
        var key = config.RemoteRoots.Where(known => known.Value.Length > 0 && Bare(known.Value) == Bare(root))
            .Select(known => known.Key)
            .Order(StringComparer.Ordinal)
            .FirstOrDefault();
        return key is null ? destination : $"remoteRoots.{key}";
    }

    private static string Bare(string root) => root.Trim().Replace('\\', '/').TrimEnd('/');
}
