using NasSync.Config;

namespace NasSync.Routing;

/// <summary>
/// The metrics label of a target's place: the destination's name, <c>remoteRoots.KEY</c> for a folder or rsync target that is a remote root, and
/// <c>local</c> for all other folders of this machine. The number of labels is bounded by the configuration, whatever manifests contain, and none is
/// a path.
/// </summary>
internal static class PlaceLabel
{
    /// <summary>The label of a target's place.</summary>
    public static string Of(Target target, SyncConfig config) => Of(target.Destination, target.Root, config);

    /// <summary>The label of a destination's root.</summary>
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
