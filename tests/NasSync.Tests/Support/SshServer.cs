using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using NasSync.Config;

namespace NasSync.Tests.Support;

/// <summary>
/// A private sshd on loopback with a new key, into which only this user can log in. Needs <c>/usr/sbin/sshd</c>:
/// <c>[RequiresFact("linux", SshServer.Program)]</c>.
/// </summary>
internal sealed class SshServer : IAsyncDisposable
{
    /// <summary>The program, which is what a test needs. sshd refuses to start without its full path.</summary>
    public const string Program = "/usr/sbin/sshd";

    private readonly TempFolder _folder;
    private Process? _process;

    private SshServer(TempFolder folder) => _folder = folder;

    /// <summary>The server's port.</summary>
    public int Port { get; private set; }

    /// <summary>The folder for received files; removed at the end.</summary>
    public string Root => _folder["root"];

    /// <summary>A folder for other files.</summary>
    public string Scratch => _folder.Path;

    /// <summary>The log of sshd so far.</summary>
    public string Log => File.ReadAllText(_folder["sshd.log"]);

    /// <summary>Starts a server.</summary>
    /// <param name="subsystem">The SFTP subsystem; <c>internal-sftp -P fsync,…</c> turns those extensions off, null turns SFTP off.</param>
    /// <param name="settings">More lines for sshd_config; they come first, so they take precedence.</param>
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

    /// <summary>The configuration of a destination at this server.</summary>
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
    public SftpDestinationConfig Config(FaultProxy line) =>
        Config() with { Port = line.Port, KnownHosts = WriteKnownHosts($"known_hosts_{line.Port}", _folder["host_ed25519.pub"], line.Port) };

    /// <summary>Makes a key that the server does not know, and returns its file.</summary>
    public async Task<string> MakeKeyAsync(string name, string passphrase = "")
    {
        await RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", _folder[name]);
        return _folder[name];
    }

    /// <summary>Writes a known_hosts file that gives this server the key from a file; null lists no key.</summary>
    public string WriteKnownHosts(string name, string? publicKeyFile, int? port = null) =>
        _folder.Write(
            name, publicKeyFile is null ? "" : $"[127.0.0.1]:{port ?? Port} {string.Join(' ', File.ReadAllText(publicKeyFile).Split(' ')[..2])}\n");

    /// <summary>Cuts every connection, like a reset; the server goes on listening.</summary>
    public void DropConnections()
    {
        foreach (var id in ChildrenOf(_process!.Id).ToList()) KillTree(id);
    }

    /// <summary>Waits until every client has left and the server has done what they asked for.</summary>
    public async Task UntilAloneAsync()
    {
        using var limit = new CancellationTokenSource(Wait.Longest);
        while (ChildrenOf(_process!.Id).Any()) await Task.Delay(5, limit.Token);
    }

    /// <summary>
    /// Makes every session hang, as a disk that does not answer does: TCP stays alive but silent. Only stopping the server ends this.
    /// </summary>
    public void Freeze()
    {
        foreach (var id in Descendants(_process!.Id).ToList()) Signal.Send("STOP", id);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            // The server first, so that it accepts no more connections.
            var connections = ChildrenOf(_process.Id).ToList();
            _process.Kill();
            foreach (var id in connections) KillTree(id);
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
            Port = OwnPort.Next();
            WriteKnownHosts("known_hosts", _folder["host_ed25519.pub"]);

            // bash reads ~/.bashrc for each SSH command unless SHLVL tells it that it runs below another shell. The tester's own file there would
            // cost time and is not under test. The default key exchange of some versions takes 0.2 s of computing per connection.
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

    // Another process may take the port between the search and the start; sshd then exits, and another port is tried.
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
            // The process has ended meanwhile.
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

            // The process name in brackets may contain anything; the parent's id is the second word after it.
            var words = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            if (int.Parse(words[1], CultureInfo.InvariantCulture) == parent) yield return id;
        }
    }
}
