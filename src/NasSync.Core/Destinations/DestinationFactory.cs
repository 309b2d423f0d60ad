using System.Collections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NasSync.Config;
using NasSync.Destinations.Local;
using NasSync.Destinations.Pipeline;
using NasSync.Destinations.Places;
using NasSync.Destinations.Rsync;
using NasSync.Destinations.S3;
using NasSync.Destinations.Sftp;
using NasSync.Ledgers;

namespace NasSync.Destinations;

/// <summary>Creates the destination that a target or the configuration names.</summary>
/// <param name="Config">The configuration.</param>
/// <param name="Ledger">Stores unfinished uploads and marked folders. Null: uploads are remembered while the destination lives, folders not at
/// all.</param>
/// <param name="Time">The clock.</param>
internal sealed record DestinationFactory(SyncConfig Config, Ledger? Ledger, TimeProvider Time)
{
    /// <summary>The variables that resolve references to secrets. Default: this process's environment.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = Environment.GetEnvironmentVariables()
        .Cast<DictionaryEntry>()
        .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? "", StringComparer.Ordinal);

    /// <summary>Wraps every place that <see cref="For(Target)"/> creates; tests inject faults with it. Default null: no wrapping.</summary>
    public Func<Target, IDestination, IDestination>? Wrap { get; init; }

    /// <summary>Only queries places and does not write to the work folder. Default false.</summary>
    public bool OnlyReads { get; init; }

    /// <summary>Receives diagnostic messages. Default: nowhere.</summary>
    public ILogger Log { get; init; } = NullLogger.Instance;

    private KeptNames Kept { get; } = new(Ledger);

    /// <summary>The place of a target: a local folder or a named destination.</summary>
    /// <exception cref="FailureException">This version cannot copy to the target (class Config).</exception>
    public IDestination For(Target target)
    {
        var place = Make(target);
        return Wrap is null ? place : Wrap(target, place);
    }

    /// <summary>
    /// Wraps a place on a server so that it checks its root before it writes there. Without a ledger, and for a caller that only reads, the place
    /// stays as it is: such a caller checks more than the root before it reports a copy as missing.
    /// </summary>
    public IDestination Rooted(Target target, IDestination place)
    {
        if (Ledger is null || OnlyReads || place is not IRooted { IsOnServer: true } server) return place;
        var ownsRoot = Named(target.Destination) is RsyncDestinationConfig { Target.Length: 0 };
        return new RootedDestination(
            place,
            server,
            new ServerPlace(Ledger, target.Destination, target.Root, Time) { Name = ownsRoot ? target.Root : target.Destination });
    }

    /// <summary>A named destination of the configuration.</summary>
    public IDestination For(DestinationConfig destination, string root) => destination switch
    {
        LocalDestinationConfig local => Local(root, local),
        SftpDestinationConfig sftp => new SftpDestination(sftp, Variables, Time, Kept, Log),
        RsyncDestinationConfig rsync => Rsync(rsync.Target.Length > 0 ? rsync : rsync with { Target = root }),
        S3DestinationConfig s3 => S3(s3),
        _ => throw NotSupported(destination.Name),
    };

    /// <summary>Removes what killed processes left in the work folder. The caller must hold the lock of the work folder.</summary>
    public void RemoveLeftovers() => RsyncStaging.RemoveDead(Staging);

    private string Staging => Path.Combine(Config.WorkDir, "staging");

    // rsync transfers the blocks itself, so it must know the limits, including the shared one.
    private RsyncDestination Rsync(RsyncDestinationConfig config)
    {
        var shared = new BandwidthTimetable(Config.BandwidthLimit, Time);
        return new RsyncDestination(config, Variables, Ledger is null || OnlyReads ? null : Staging, Time, Limit, Places, Kept, Log);

        long? Limit() => config.BandwidthLimit is { } own ? Math.Min(own, shared.Now() ?? own) : shared.Now();
    }

    private S3Destination S3(S3DestinationConfig config) =>
        new(config, Variables, Ledger is null ? null : new UploadsInLedger(Ledger, config.Name), time: Time, kept: Kept, log: Log);

    private IDestination Make(Target target)
    {
        if (target.Destination != Target.LocalName) return For(Named(target.Destination), target.Root);
        return Path.IsPathRooted(target.Root) ? Local(target.Root, null) : throw NotSupported(target.Display);
    }

    // A destination's own settings take precedence; plain paths have only those of the whole configuration.
    private LocalDestination Local(string root, LocalDestinationConfig? own) => new(
        root,
        Time,
        Places,
        kept: Kept,
        rights: OnlyReads
            ? null
            : LocalRights.Of(
                own?.FileMode ?? Config.FileMode, own?.DirMode ?? Config.DirMode, own?.Owner ?? Config.Owner, own?.Group ?? Config.Group));

    private PlacesInLedger? Places => Ledger is null ? null : new PlacesInLedger(Ledger, Time);

    private DestinationConfig Named(string name) =>
        Config.Destinations.GetValueOrDefault(name)
        ?? (Config.DefaultDestination is { } unnamed && string.Equals(unnamed.Name, name, StringComparison.OrdinalIgnoreCase) ? unnamed : null)
        ?? throw NotSupported(name);

    private static FailureException NotSupported(string place) => new(new Failure(
        FailureClass.Config,
        "DestinationNotSupported",
        $"This version cannot carry files to '{place}'.",
        "Route to a local folder, an SFTP host, an rsync target or an S3 bucket, or mount the place and route to the mount point."));
}
