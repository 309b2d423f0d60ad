using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace NasSync.Tests.Support;

/// <summary>
/// A private rsync daemon on loopback with a module to write to and one to read from. Needs <c>[RequiresFact("linux", "rsync")]</c>.
/// </summary>
internal sealed class RsyncDaemon : IAsyncDisposable
{
    /// <summary>The password of the user <c>media</c>.</summary>
    public const string Password = "s3cret canary";

    private readonly TempFolder _folder = new();
    private Process? _process;

    private RsyncDaemon()
    {
    }

    /// <summary>The daemon's port.</summary>
    public int Port { get; private set; }

    /// <summary>The folder of the modules.</summary>
    public string Root => _folder["root"];

    /// <summary>The address of a module: <c>media</c> is writable, <c>readonly</c> is not.</summary>
    public string Address(string module = "media") => $"rsync://media@127.0.0.1:{Port}/{module}";

    /// <summary>Starts a daemon that serves a folder.</summary>
    /// <param name="root">The folder; null makes a temporary one, removed at the end.</param>
    public static async Task<RsyncDaemon> StartAsync(string? root = null)
    {
        var daemon = new RsyncDaemon();
        try
        {
            await daemon.BeginAsync(root ?? daemon._folder.MakeFolder("root"));
            return daemon;
        }
        catch
        {
            await daemon.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        _folder.Dispose();
    }

    private async Task BeginAsync(string root)
    {
        var secrets = _folder.Write("secrets", $"media:{Password}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(secrets, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var user = Environment.IsPrivilegedProcess ? "uid = 0\ngid = 0\n" : "";
        for (var attempt = 1; ; attempt++)
        {
            Port = OwnPort.Next();
            var config = _folder.Write("rsyncd.conf", $"""
                lock file = {_folder["lock"]}
                log file = {_folder["log"]}
                port = {Port}
                address = 127.0.0.1
                use chroot = no
                socket options = TCP_NODELAY
                {user}reverse lookup = no
                [media]
                path = {root}
                read only = no
                auth users = media
                secrets file = {secrets}
                [readonly]
                path = {root}
                read only = yes

                """);
            _process = Process.Start("rsync", ["--daemon", "--no-detach", $"--config={config}"]);
            if (await ListensAsync()) return;
            if (attempt == 3) throw new InvalidOperationException("the rsync daemon did not start");
        }
    }

    private async Task<bool> ListensAsync()
    {
        using var limit = new CancellationTokenSource(Wait.Longest);
        while (!_process!.HasExited)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, Port, limit.Token);
                return true;
            }
            catch (SocketException)
            {
                await Task.Delay(10, limit.Token);
            }
        }

        return false;
    }
}
