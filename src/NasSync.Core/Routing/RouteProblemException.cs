namespace NasSync.Routing;

/// <summary>A route cannot say where an artifact goes. It stays inside this room: a decision carries it as a reason or a failure.</summary>
internal sealed class RouteProblemException : Exception
{
    /// <summary>One clause without the route's name, and the cure.</summary>
    public RouteProblemException(string message, string hint, string code = "RouteInvalid")
        : base(message) => (Hint, Code) = (hint, code);

    /// <summary>What cures it, as one sentence.</summary>
    public string Hint { get; }

    /// <summary>The failure's code.</summary>
    public string Code { get; }

    /// <summary>True when nothing is wrong but a remote root that this machine has not set.</summary>
    public bool IsUnsetRoot { get; private init; }

    /// <summary>The problem of a remote root that is missing or empty.</summary>
    public static RouteProblemException RootUnset(string key) =>
        new($"remote root '{key}' is not set", $"Set remoteRoots.{key}, or NAS_REMOTE_ROOT_{key.ToUpperInvariant()}.", "RemoteRootUnset") { IsUnsetRoot = true };
}
