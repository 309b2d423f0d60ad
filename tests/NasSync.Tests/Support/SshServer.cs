using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using NasSync.Config;

namespace NasSync.Tests.Support;

/// <summary>
/// A private sshd on loopback that serves this user with a key of its own. Needs <c>/usr/sbin/sshd</c>:
/// <c>[RequiresFact("linux", SshServer.Program)]</c>.
/// </summary>
internal sealed class SshServer : IAsyncDisposable
{
    /// <summary>What a test needs; sshd wants to be started by its full path.</summary>
    public const string Program = "/usr/sbin/sshd";

    private readonly TempFolder _folder;
    private Process? _process;

    private SshServer(TempFolder folder) => _folder = folder;

    /// <summary>Where it listens.</summary>
    public int Port { get; private set; }

    /// <summary>A folder for what is sent, which is removed at the end.</summary>
    public string Root => _folder["root"];

    /// <summary>A folder for anything else.</summary>
    public string Scratch => _folder.Path;

    /// <summary>What sshd logged so far.</summary>
    public string Log => File.ReadAllText(_folder["sshd.log"]);

    /// <summary>Starts a server.</summary>
    /// <param name="subsystem">What answers SFTP; <c>internal-sftp -P fsync,…</c> is a server without those extensions, null one without SFTP.</param>
    /// <param name="settings">More lines for sshd_config; they come first, so they win.</param>
    public static async Task<SshServer> StartAsync(string? subsystem = "internal-sftp", string settings = "")
    {
        var server = new SshServer(new TempFolder());
        try
        {
            await server.BeginAsync(subsystem, settings);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>The destination at this server.</summary>
    public SftpDestinationConfig Config(string? root = null) => new()
    {
        Name = "studio",
        Host = "127.0.0.1",
        Port = Port,
        User = Environment.UserName,
        IdentityFile = _folder["id_ed25519"],
        KnownHosts = _folder["known_hosts"],
        Root = root ?? Root,
    };

    /// <summary>The same destination over a bad line.</summary>
    public SftpDestinationConfig Config(FaultProxy line) => Config() with { Port = line.Port, KnownHosts = WriteKnownHosts($"known_hosts_{line.Port}", _folder["host_ed25519.pub"], line.Port) };

    /// <summary>Makes another key that the server does not know, and gives its file.</summary>
    public async Task<string> MakeKeyAsync(string name, string passphrase = "")
    {
        await RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", _folder[name]);
        return _folder[name];
    }

    /// <summary>Makes a known_hosts file in which this server has the key of another file; null: no key at all.</summary>
    public string WriteKnownHosts(string name, string? publicKeyFile, int? port = null) =>
        _folder.Write(name, publicKeyFile is null ? "" : $"[127.0.0.1]:{port ?? Port} {string.Join(' ', File.ReadAllText(publicKeyFile).Split(' ')[..2])}\n");

    /// <summary>Cuts every connection, as a reset does; the server goes on listening.</summary>
    public void DropConnections()
    {
        foreach (var id in ChildrenOf(_process!.Id).ToList()) KillTree(id);
    }

    /// <summary>Makes every session hang, as a disk that does not answer does: connected, alive for TCP, silent. Only the end of the server undoes it.</summary>
    public async Task FreezeAsync() =>
        await RunAsync("kill", ["-STOP", .. Descendants(_process!.Id).Select(id => id.ToString(CultureInfo.InvariantCulture))]);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            DropConnections();
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        _folder.Dispose();
    }

    private async Task BeginAsync(string? subsystem, string settings)
    {
        Directory.CreateDirectory(Root);
        if (Environment.IsPrivilegedProcess) Directory.CreateDirectory("/run/sshd");
        await MakeKeyAsync("host_ed25519");
        await MakeKeyAsync("id_ed25519");
        File.Copy(_folder["id_ed25519.pub"], _folder["authorized_keys"]);
        for (var attempt = 1; ; attempt++)
        {
            Port = FreePort();
            WriteKnownHosts("known_hosts", _folder["host_ed25519.pub"]);

            // bash reads ~/.bashrc at each command of an SSH login unless it believes that it runs below another shell: what the person who runs the
            // tests has there costs time and is not tested. The default key exchange of some versions takes 0.2 s of computing per connection.
            _folder.Write("sshd_config", $"""
                {settings}
                Port {Port}
                ListenAddress 127.0.0.1
                HostKey {_folder["host_ed25519"]}
                PidFile none
                AuthorizedKeysFile {_folder["authorized_keys"]}
                StrictModes no
                UsePAM no
                PasswordAuthentication no
                KbdInteractiveAuthentication no
                PermitRootLogin prohibit-password
                UseDNS no
                MaxStartups 200:30:400
                MaxSessions 100
                LogLevel VERBOSE
                SetEnv SHLVL=1
                KexAlgorithms curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256
                {(subsystem is null ? "" : $"Subsystem sftp {subsystem}")}

                """);
            _process = Process.Start(Program, ["-D", "-E", _folder["sshd.log"], "-f", _folder["sshd_config"]]);
            if (await ListensAsync()) return;
            if (attempt == 3) throw new InvalidOperationException($"sshd did not start: {Log}");
        }
    }

    // Another process may take the port between the look and the start; then sshd ends, and another port is tried.
    private async Task<bool> ListensAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
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

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} ended with {process.ExitCode}");
    }

    private static void KillTree(int id)
    {
        foreach (var child in ChildrenOf(id).ToList()) KillTree(child);
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It has ended meanwhile.
        }
    }

    private static IEnumerable<int> Descendants(int parent) => ChildrenOf(parent).ToList().SelectMany(child => Descendants(child).Prepend(child));

    private static IEnumerable<int> ChildrenOf(int parent)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id)) continue;
            string stat;
            try
            {
                stat = File.ReadAllText(Path.Combine(folder, "stat"));
            }
            catch (IOException)
            {
                continue;
            }

            // The name in brackets may hold anything; the parent is the second word behind it.
            var words = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            if (int.Parse(words[1], CultureInfo.InvariantCulture) == parent) yield return id;
        }
    }
}
