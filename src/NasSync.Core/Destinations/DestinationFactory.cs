using System.Collections;
using NasSync.Config;
using NasSync.Destinations.Local;
using NasSync.Destinations.S3;
using NasSync.Destinations.Sftp;
using NasSync.Ledgers;

namespace NasSync.Destinations;

/// <summary>Makes the destination that a target or a configuration names.</summary>
/// <param name="Config">The configuration.</param>
/// <param name="Ledger">Where unfinished uploads are remembered; null: only while the destination lives.</param>
/// <param name="Time">The clock.</param>
internal sealed record DestinationFactory(SyncConfig Config, Ledger? Ledger, TimeProvider Time)
{
    /// <summary>Where references to secrets are looked up. Default: this process's environment.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = Environment.GetEnvironmentVariables()
        .Cast<DictionaryEntry>()
        .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? "", StringComparer.Ordinal);

    /// <summary>Wraps every place that is made; tests put faults in between. Null leaves it as it is.</summary>
    public Func<Target, IDestination, IDestination>? Wrap { get; init; }

    /// <summary>The place of a target: a folder of this machine, or a named destination.</summary>
    /// <exception cref="FailureException">This version cannot carry files there (class Config).</exception>
    public IDestination For(Target target)
    {
        var place = Make(target);
        return Wrap is null ? place : Wrap(target, place);
    }

    /// <summary>A named destination of the configuration.</summary>
    public IDestination For(DestinationConfig destination, string root) => destination switch
    {
        LocalDestinationConfig => new LocalDestination(root, Time),
        SftpDestinationConfig sftp => new SftpDestination(sftp, Variables, Time),
        S3DestinationConfig s3 => new S3Destination(s3, Variables, Ledger is null ? null : new UploadsInLedger(Ledger, s3.Name), time: Time),
        _ => throw NotSupported(destination.Name),
    };

    private IDestination Make(Target target)
    {
        if (target.Destination != Target.LocalName) return For(Named(target.Destination), target.Root);
        return Path.IsPathRooted(target.Root) ? new LocalDestination(target.Root, Time) : throw NotSupported(target.Display);
    }

    private DestinationConfig Named(string name) =>
        Config.Destinations.GetValueOrDefault(name)
        ?? (Config.DefaultDestination is { } unnamed && string.Equals(unnamed.Name, name, StringComparison.OrdinalIgnoreCase) ? unnamed : null)
        ?? throw NotSupported(name);

    private static FailureException NotSupported(string place) => new(new Failure(
        FailureClass.Config,
        "DestinationNotSupported",
        $"This version cannot carry files to '{place}': rsync is still to come.",
        "Route to a local folder, an SFTP host or an S3 bucket, or mount the place and route to the mount point."));
}
