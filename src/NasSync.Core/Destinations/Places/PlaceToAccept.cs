using NasSync.Config;
using NasSync.Destinations.Rsync;
using NasSync.Ledgers;

namespace NasSync.Destinations.Places;

/// <summary>A place that a person accepts in its current state: a local folder, or the root of a destination on a server.</summary>
public sealed class PlaceToAccept
{
    private readonly string? _destination;
    private readonly string _root;

    private PlaceToAccept(string? destination, string root) => (_destination, _root) = (destination, root);

    /// <summary>The place, for people: the folder, or the destination's name with the server's root.</summary>
    public string Shown => _destination is null ? _root : $"{_destination} ({(_root.Length == 0 ? "~" : _root)})";

    /// <summary>What happens after the acceptance, for people.</summary>
    public string Then => (_destination is null
        ? $"{Shown} is accepted as it is now; the next copy marks it."
        : $"{Shown} is accepted as it is now, also empty or missing, until a copy was made there.")
        + " The next run over the whole outputs folder, or the next watcher, looks at every copy and makes those again whose source is there.";

    /// <summary>Resolves the given name.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="name">A destination's name, or a folder or rsync target as an error message names it.</param>
    /// <param name="fullPath">Turns a path into a full path.</param>
    /// <returns>Null for a bucket, which has no folder that could be missing.</returns>
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

    /// <summary>Accepts the place in its current state, whatever was recorded of it; repeating this does no harm.</summary>
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

    // An rsync destination without its own target has one root per target that routes name.
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
