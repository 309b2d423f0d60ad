[assembly: AssemblyFixture(typeof(NasSync.Tests.Support.SharedServers))]

namespace NasSync.Tests.Support;

/// <summary>
/// Stops the servers that tests share, once all tests have ended. The runner waits for that, but gives the process only ten seconds to end
/// afterwards: too little for a database on a busy machine. Where the run is broken off, the process's end stops them.
/// </summary>
public sealed class SharedServers : IDisposable
{
    private static readonly object Gate = new();
    private static readonly Stack<Action> Stops = [];

    static SharedServers() => AppDomain.CurrentDomain.ProcessExit += (_, _) => StopAll();

    /// <inheritdoc/>
    public void Dispose() => StopAll();

    /// <summary>Has something stopped after the last test.</summary>
    internal static void StopAtEnd(Action stop)
    {
        lock (Gate) Stops.Push(stop);
    }

    private static void StopAll()
    {
        lock (Gate)
            while (Stops.TryPop(out var stop)) stop();
    }
}
