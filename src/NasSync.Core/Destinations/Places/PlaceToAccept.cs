using NasSync.Config;
using NasSync.Destinations.Rsync;
using NasSync.Ledgers;

namespace NasSync.Destinations.Places;

/// <summary>A place that someone names to have it taken as it is now: a folder of this machine, or the root of a destination on a server.</summary>
public sealed class PlaceToAccept
{
    private readonly string? _destination;
    private readonly string _root;

    private PlaceToAccept(string? destination, string root) => (_destination, _root) = (destination, root);

    /// <summary>The place for people: the folder, or the server's root with the destination's name.</summary>
    public string Shown => _destination is null ? _root : $"{_destination} ({(_root.Length == 0 ? "~" : _root)})";

    /// <summary>What happens from now on, for people.</summary>
    public string Then => (_destination is null
        ? $"{Shown} is accepted as it is now; the next copy marks it."
        : $"{Shown} is accepted as it is now, also empty or missing, until a copy was made there.")
        + " The next run over the whole outputs folder, or the next watcher, looks at every copy and makes those again whose source is there.";

    /// <summary>Reads what was named.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="name">A destination's name, or a folder or rsync target as an error names it.</param>
    /// <param name="fullPath">Makes a path a full one.</param>
    /// <returns>Null for a bucket: it is no folder that could be missing.</returns>
    public static PlaceToAccept? Of(SyncConfig config, string name, Func<string, string> fullPath)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(fullPath);
        return config.Destinations.GetValueOrDefault(name) switch
        {
            LocalDestinationConfig local => new(null, local.Root),
            SftpDestinationConfig sftp => new(sftp.Name, sftp.Root),
            RsyncDestinationConfig { Target.Length: > 0 } rsync => OfRsync(rsync.Name, rsync.Target),
            S3DestinationConfig => null,
            _ => OfText(config, name, fullPath),
        };
    }

    /// <summary>Takes it as it is now, whatever was known of it; again is no harm.</summary>
    /// <returns>False when nothing was copied there yet, so that there is nothing to accept.</returns>
    public bool Accept(Ledger ledger)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        return _destination is null ? ledger.ForgetPlace(_root) : ledger.ForgetServer(_destination, _root);
    }

    /// <summary>Whether something was copied there, so that there is something to accept.</summary>
    public bool IsKnown(Ledger ledger)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        return _destination is null ? ledger.KnowsPlace(_root) : ledger.KnowsServer(_destination, _root);
    }

    // A destination without a target of its own has a root for each target that routes name.
    private static PlaceToAccept OfText(SyncConfig config, string text, Func<string, string> fullPath)
    {
        var byTarget = config.Destinations.Values.FirstOrDefault(one => one is RsyncDestinationConfig { Target.Length: 0 });
        return byTarget is not null && text.Contains(':', StringComparison.Ordinal) && OnServer(text)
            ? new(byTarget.Name, text)
            : new(null, fullPath(text));
    }

    private static PlaceToAccept OfRsync(string destination, string target) =>
        OnServer(target) ? new(destination, target) : new(null, target.Length > 1 ? target.TrimEnd('/') : target);

    private static bool OnServer(string target)
    {
        try
        {
            return RsyncTarget.Parse(target).Way != RsyncWay.Local;
        }
        catch (FailureException)
        {
            return false;
        }
    }
}
