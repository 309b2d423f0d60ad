using System.Security.Cryptography;
using NasSync.Config;
using NasSync.Destinations;
using NasSync.Destinations.Sftp;
using NasSync.Tests.Support;

namespace NasSync.Tests.Destinations.Sftp;

/// <summary>A server and a destination at it.</summary>
internal sealed class SftpWorld : IAsyncDisposable
{
    private SftpWorld(SshServer server, SftpDestination destination) => (Server, Destination) = (server, destination);

    public static Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    public SshServer Server { get; }

    public SftpDestination Destination { get; }

    public static async Task<SftpWorld> StartAsync(
        string subsystem = "internal-sftp",
        string settings = "",
        Func<SshServer, SftpDestinationConfig>? config = null,
        long followFrom = long.MaxValue)
    {
        var server = await SshServer.StartAsync(subsystem, settings);
        return new SftpWorld(server, Connect(config?.Invoke(server) ?? server.Config(), followFrom));
    }

    /// <summary>How many sessions of SFTP the server has begun so far.</summary>
    public int Connections => Server.Log.Split("subsystem 'sftp'").Length - 1;

    public static SftpDestination Connect(SftpDestinationConfig config, long followFrom = long.MaxValue) =>
        new(config, Environment, TimeProvider.System) { FollowFrom = followFrom };

    public static byte[] Content(int size, int seed = 1)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    public static WriteRequest Request(string path, byte[] content, VerifyLevel verify = VerifyLevel.Checksum, FileState? replaces = null) => new()
    {
        Path = RelativePath.Parse(path),
        Size = content.Length,
        MtimeNs = 1_700_000_000_123_456_789,
        Fingerprint = Sha256(content),
        Verify = verify,
        Replaces = replaces,
    };

    /// <summary>The whole way of one copy, in blocks as the engine makes them.</summary>
    public static async Task<CommitReceipt> CopyAsync(IDestination destination, WriteRequest request, byte[] content, string? sha256 = null)
    {
        await using var session = await destination.BeginWriteAsync(request, CancellationToken.None);
        await SendAsync(session, content, session.ResumeAt, content.Length);
        return await session.CommitAsync(sha256 ?? Sha256(content), CancellationToken.None);
    }

    public static async Task SendAsync(IWriteSession session, byte[] content, long from, long until)
    {
        var block = new byte[512 * 1024];
        for (var at = from; at < until; at += block.Length)
        {
            // The same buffer every time: a session that keeps it instead of its content is found out.
            var count = (int)Math.Min(block.Length, until - at);
            content.AsSpan((int)at, count).CopyTo(block);
            await session.WriteAsync(at, block.AsMemory(0, count), CancellationToken.None);
            Array.Clear(block);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Destination.DisposeAsync();
        await Server.DisposeAsync();
    }
}
