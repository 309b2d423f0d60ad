using NasSync.Config;
using NasSync.Destinations.Local;

namespace NasSync.Destinations;

/// <summary>Makes the destination that a target or a configuration names.</summary>
internal sealed class DestinationFactory(SyncConfig config, TimeProvider time)
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

    private static FailureException NotSupported(string place) => new(new Failure(
        FailureClass.Config,
        "DestinationNotSupported",
        $"'{place}' is not a local folder; this version copies to local folders only.",
        "Mount the place and route to the mount point."));
}
