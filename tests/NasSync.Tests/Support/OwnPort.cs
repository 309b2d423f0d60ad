using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace NasSync.Tests.Support;

/// <summary>
/// Ports of loopback for servers that get theirs before they start, or that stop for a while. The system gives none of them to others: they lie
/// below the range from which it takes ports for clients and for servers without a port of their own. Each port is used once in a run.
/// </summary>
internal static class OwnPort
{
    private const int Lowest = 10_000;
    private static readonly int Count = LowestOfTheSystem() - Lowest;

    // Concurrent test runs begin at different ports.
    private static int _next = Random.Shared.Next(Count);

    /// <summary>A port on which nobody listens.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = Lowest + (int)((uint)Interlocked.Increment(ref _next) % Count);
            if (IsFree(port)) return port;
        }
    }

    // Binds without listening: a process that another test starts right now inherits the socket until its exec, and a server could not listen.
    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    // On some machines nearly all ports belong to the system's range.
    private static int LowestOfTheSystem()
    {
        const string range = "/proc/sys/net/ipv4/ip_local_port_range";
        var lowest = File.Exists(range) ? int.Parse(File.ReadAllText(range).Split('\t')[0], CultureInfo.InvariantCulture) : 49_152;
        return Math.Max(lowest, 2 * Lowest);
    }
}
