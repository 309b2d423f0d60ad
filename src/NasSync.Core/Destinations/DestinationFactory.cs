using System.Collections;
using NasSync.Config;
using NasSync.Destinations.Local;
using NasSync.Destinations.S3;
using NasSync.Ledgers;

namespace NasSync.Destinations;

/// <summary>Makes the destination that a target or a configuration names.</summary>
/// <param name="config">The configuration.</param>
/// <param name="ledger">Where unfinished uploads are remembered; null: only while the destination lives.</param>
/// <param name="time">The clock.</param>
internal sealed class DestinationFactory(SyncConfig config, Ledger? ledger, TimeProvider time)
{
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
        LocalDestinationConfig => new LocalDestination(root, time),
        S3DestinationConfig s3 => new S3Destination(s3, Variables(), ledger is null ? null : new UploadsInLedger(ledger, s3.Name), time: time),
        _ => throw NotSupported(destination.Name),
    };

    private IDestination Make(Target target)
    {
        if (target.Destination != Target.LocalName) return For(Named(target.Destination), target.Root);
        return Path.IsPathRooted(target.Root) ? new LocalDestination(target.Root, time) : throw NotSupported(target.Display);
    }

    private DestinationConfig Named(string name) =>
        config.Destinations.GetValueOrDefault(name)
        ?? (config.DefaultDestination is { } unnamed && string.Equals(unnamed.Name, name, StringComparison.OrdinalIgnoreCase) ? unnamed : null)
        ?? throw NotSupported(name);

    private static Dictionary<string, string> Variables() => Environment.GetEnvironmentVariables()
        .Cast<DictionaryEntry>()
        .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? "", StringComparer.Ordinal);

    private static FailureException NotSupported(string place) => new(new Failure(
        FailureClass.Config,
        "DestinationNotSupported",
        $"This version cannot carry files to '{place}': rsync is still to come.",
        "Route to a local folder, an SFTP host or an S3 bucket, or mount the place and route to the mount point."));
}
