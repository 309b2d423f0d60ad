using NasSync.Config;
using NasSync.Templates;

namespace NasSync.Routing;

/// <summary>
/// One entry of a route's <c>to</c>, parsed once: <c>name:path</c> of a destination, <c>${remoteRoots.KEY}/path</c>, or a plain path, which is a
/// folder of this machine or, with another <c>method</c>, lies in the default destination. Everything that does not depend on a manifest is resolved
/// here: the destination, the root, and every mistake.
/// </summary>
internal sealed class TargetTemplate
{
    private readonly IReadOnlyList<FolderTemplate> _folders;
    private readonly string _destination;
    private readonly string _root;

    private TargetTemplate(string destination, string root, IReadOnlyList<FolderTemplate> folders) =>
        (_destination, _root, _folders) = (destination, root, folders);

    /// <summary>Parses an entry.</summary>
    /// <exception cref="RouteProblemException">The entry is invalid, or needs a remote root that is not set.</exception>
    public static TargetTemplate Read(string text, SyncConfig config)
    {
        var segments = RouteText.Parse("to", text).Segments;
        var destination = TakeDestination(ref segments, config);
        if (destination is null && config.Method != TransferMethod.Local) destination = Default(config);
        var remoteRoot = TakeRemoteRoot(ref segments, config);
        if (segments.OfType<Placeholder>().FirstOrDefault(p => p.Name == Placeholder.RemoteRoots) is { } misplaced)
            throw RouteText.Wrong("to", text, $"has {misplaced} in the middle", "Put it at the beginning, followed by '/'.");

        // With an rsync destination that has no target of its own, the text of the entry is the target.
        if (destination is RsyncDestinationConfig { Target.Length: 0 })
        {
            var target = remoteRoot ?? TakeLiteralFolders(ref segments);
            if (target.Length == 0) throw RouteText.Wrong("to", text, "names no rsync target", "Begin it with the target or ${remoteRoots.KEY}.");
            return new(destination.Name, target.Length > 1 ? target.TrimEnd('/') : target, FolderTemplate.Split(text, segments));
        }

        if (destination is not null)
        {
            var below = remoteRoot is null ? [] : FolderTemplate.Split(text, [new Literal(remoteRoot)]);
            return new(destination.Name, RootOf(destination), [.. below, .. FolderTemplate.Split(text, segments)]);
        }

        var root = remoteRoot ?? TakeLiteralFolders(ref segments);
        return new(Target.LocalName, LocalRoot(text, root), FolderTemplate.Split(text, segments));
    }

    /// <summary>Whether the entry leads to a named destination, which may be a server.</summary>
    public bool IsNamed => _destination != Target.LocalName;

    /// <summary>The target of one artifact.</summary>
    /// <exception cref="RouteProblemException">The result is not a safe path.</exception>
    public Target Expand(PlaceholderValues values, string fileName)
    {
        var parts = new string[_folders.Count + 1];
        for (var i = 0; i < _folders.Count; i++) parts[i] = _folders[i].Expand(values);
        parts[^1] = fileName;
        var path = string.Join('/', parts);
        if (!RelativePath.TryParse(path, out var relative, out var problem))
            throw new RouteProblemException($"the target's {problem}", "Change the route's `to` or `as`.");
        return new Target(_destination, _root, relative);
    }

    /// <summary>The folder of this machine that contains the copies; null when they go elsewhere.</summary>
    public string? LocalFolder(SyncConfig config)
    {
        if (_destination == Target.LocalName || config.Destinations.GetValueOrDefault(_destination) is LocalDestinationConfig) return _root;
        var isRsync = (config.Destinations.GetValueOrDefault(_destination) ?? config.DefaultDestination) is RsyncDestinationConfig;
        return isRsync && _root.StartsWith('/') ? _root : null;
    }

    // A single letter before the colon is a drive, so a destination with a one-letter name cannot be addressed.
    private static DestinationConfig? TakeDestination(ref IReadOnlyList<Segment> segments, SyncConfig config)
    {
        if (segments is not [Literal first, ..]) return null;
        var colon = first.Text.AsSpan().IndexOfAny(':', '/', '\\');
        if (colon < 2 || first.Text[colon] != ':') return null;
        var name = first.Text[..colon].Trim();
        var known = config.Destinations.Values.FirstOrDefault(d => string.Equals(d.Name, name, StringComparison.OrdinalIgnoreCase));
        if (known is null)
        {
            var cure = NearestName.Cure(name, config.Destinations.Values.Select(d => d.Name));
            throw new RouteProblemException($"there is no destination '{name}'", $"Correct the name in `to`: {cure}", "UnknownDestination");
        }

        segments = Without(segments, first.Text[(colon + 1)..]);
        return known;
    }

    private static DestinationConfig Default(SyncConfig config) => config.DefaultDestination ?? throw new RouteProblemException(
        $"with method {config.Method.ToString().ToLowerInvariant()} a plain path needs a server, and none is described",
        "Describe the destination that is named like the method, or write `to` as name:path.",
        "NoDefaultDestination");

    private static string? TakeRemoteRoot(ref IReadOnlyList<Segment> segments, SyncConfig config)
    {
        if (segments is not [Placeholder { Name: Placeholder.RemoteRoots } root, ..]) return null;
        var value = config.RemoteRoots.FirstOrDefault(pair => string.Equals(pair.Key, root.Argument, StringComparison.OrdinalIgnoreCase)).Value;
        if (string.IsNullOrWhiteSpace(value)) throw RouteProblemException.RootUnset(root.Argument!);
        if (segments.Count > 1 && !(segments[1] is Literal next && next.Text[0] is '/' or '\\'))
            throw new RouteProblemException($"after {root} a '/' is missing", $"Write {root}/ and then the folder.");
        segments = [.. segments.Skip(1)];
        return value.Trim();
    }

    // The longest run of leading folders that no manifest can influence becomes the root, which the copy cannot leave.
    private static string TakeLiteralFolders(ref IReadOnlyList<Segment> segments)
    {
        if (segments is not [Literal first, ..]) return "";
        var length = segments.Count == 1 ? first.Text.Length : first.Text.AsSpan().LastIndexOfAny('/', '\\') + 1;
        segments = Without(segments, first.Text[length..]);
        return first.Text[..length];
    }

    private static IReadOnlyList<Segment> Without(IReadOnlyList<Segment> segments, string restOfFirst) =>
        restOfFirst.Length == 0 ? [.. segments.Skip(1)] : [new Literal(restOfFirst), .. segments.Skip(1)];

    private static string LocalRoot(string text, string root)
    {
        if (root.Contains('\0') || !Path.IsPathFullyQualified(root))
            throw RouteText.Wrong("to", text, "is not a full path", "Begin it with a full path, ${remoteRoots.KEY} or a destination's name and ':'.");
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        return Path.DirectorySeparatorChar == '/' ? full : full.Replace(Path.DirectorySeparatorChar, '/');
    }

    /// <summary>The root of the targets in a destination.</summary>
    public static string RootOf(DestinationConfig destination) => destination switch
    {
        LocalDestinationConfig local => LocalRoot(local.Root, local.Root),
        SftpDestinationConfig sftp => sftp.Root,
        RsyncDestinationConfig rsync => rsync.Target,
        S3DestinationConfig s3 => s3.Prefix,
        _ => throw new InvalidOperationException($"No root is known for a destination of type {destination.GetType().Name}."),
    };
}
