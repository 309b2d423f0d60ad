using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace NasSync.Tests.Support;

/// <summary>
/// Ports of loopback for servers that are told theirs before they begin, or that stop for a while. The system gives none of them to anybody else:
/// they lie below the range from which it takes ports for clients and for servers that name none. A run gets each port once.
/// </summary>
internal static class OwnPort
{
    private const int Lowest = 10_000;
    private static readonly int Count = LowestOfTheSystem() - Lowest;

    // Runs that go on side by side begin at different ports.
    private static int _next = Random.Shared.Next(Count);

    /// <summary>A port that nobody listens at.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = Lowest + (int)((uint)Interlocked.Increment(ref _next) % Count);
            if (IsFree(port)) return port;
        }
    }

    // Bound only: a process that another test starts at this moment holds the socket a little longer, and a server could not listen beside one that listens.
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

    // A machine may be set up so that nearly all ports are the system's.
    private static int LowestOfTheSystem()
    {
        const string range = "/proc/sys/net/ipv4/ip_local_port_range";
        var lowest = File.Exists(range) ? int.Parse(File.ReadAllText(range).Split('\t')[0], CultureInfo.InvariantCulture) : 49_152;
        return Math.Max(lowest, 2 * Lowest);
    }
}
