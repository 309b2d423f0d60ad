using NasSync.Config;

namespace NasSync.Routing;

/// <summary>
/// What metrics call the place of a target: the destination's name, <c>remoteRoots.KEY</c> for the folder or rsync target that a remote root is, and
/// <c>local</c> for all other folders of this machine. As many as the configuration names, whatever manifests say, and never a path.
/// </summary>
internal static class PlaceLabel
{
    /// <summary>The label of a target's place.</summary>
    public static string Of(Target target, SyncConfig config)
    {
        var isItsOwnRoot = target.Destination == Target.LocalName || config.Destinations.GetValueOrDefault(target.Destination) is RsyncDestinationConfig { Target.Length: 0 };
        if (!isItsOwnRoot) return target.Destination;
        var key = config.RemoteRoots.Where(root => root.Value.Length > 0 && Bare(root.Value) == Bare(target.Root)).Select(root => root.Key).Order(StringComparer.Ordinal).FirstOrDefault();
        return key is null ? target.Destination : $"remoteRoots.{key}";
    }

    private static string Bare(string root) => root.Trim().Replace('\\', '/').TrimEnd('/');
}
