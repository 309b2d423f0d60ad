namespace NasSync.Routing;

/// <summary>Thrown when a route yields no target. Never leaves this namespace: a decision carries it as a skip reason or a failure.</summary>
internal sealed class RouteProblemException : Exception
{
    /// <summary>Creates the exception from a clause without the route's name, and the cure.</summary>
    public RouteProblemException(string message, string hint, string code = "RouteInvalid")
        : base(message) => (Hint, Code) = (hint, code);

    /// <summary>The cure, as one sentence.</summary>
    public string Hint { get; }

    /// <summary>The failure's code.</summary>
    public string Code { get; }

    /// <summary>True when the only problem is a remote root that is not set on this machine.</summary>
    public bool IsUnsetRoot { get; private init; }

    /// <summary>The exception for a remote root that is missing or empty.</summary>
    public static RouteProblemException RootUnset(string key) =>
        new($"remote root '{key}' is not set", $"Set remoteRoots.{key}, or NAS_REMOTE_ROOT_{key.ToUpperInvariant()}.", "RemoteRootUnset")
        {
            IsUnsetRoot = true,
        };
}
