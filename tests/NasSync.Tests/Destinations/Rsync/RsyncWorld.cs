using NasSync.Config;
using NasSync.Destinations.Places;
using NasSync.Destinations.Rsync;
using NasSync.Destinations.Ssh;
using NasSync.Tests.Support;

namespace NasSync.Tests.Destinations.Rsync;

/// <summary>A target of rsync, one way or the other, and a destination at it.</summary>
internal sealed class RsyncWorld : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private IAsyncDisposable? _server;

    private RsyncWorld()
    {
    }

    /// <summary>The folder that the target leads to.</summary>
    public string Root { get; private set; } = "";

    /// <summary>The target.</summary>
    public string Target { get; private set; } = "";

    /// <summary>What the destination sees as its environment.</summary>
    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal) { ["DAEMON_PASSWORD"] = RsyncDaemon.Password };

    /// <summary>Where the destination keeps what it stages.</summary>
    public string Staging => _folder["staging"];

    /// <summary>A folder for anything else.</summary>
    public string Scratch => _folder.MakeFolder("scratch");

    /// <summary>The destination.</summary>
    public RsyncDestination Destination { get; private set; } = null!;

    public static Task<RsyncWorld> LocalAsync(string? root = null)
    {
        var world = new RsyncWorld();
        world.Root = world.Target = root ?? world._folder.MakeFolder("root");
        world.Connect();
        return Task.FromResult(world);
    }

    /// <summary>A host over ssh.</summary>
    /// <param name="login">Changes how ssh logs in.</param>
    public static async Task<RsyncWorld> SshAsync(Func<SshServer, Task<SftpDestinationConfig>>? login = null)
    {
        var server = await SshServer.StartAsync();
        var world = new RsyncWorld { _server = server, Root = server.Root, Target = $"{System.Environment.UserName}@127.0.0.1:{server.Root}" };
        world.Environment[SshCommand.ProgramVariable] = world.SshProgram(login is null ? server.Config() : await login(server));
        world.Connect();
        return world;
    }

    /// <summary>What the ssh server logged; empty where there is none.</summary>
    public string ServerLog => _server is SshServer ssh ? ssh.Log : "";

    /// <summary>A destination like it whose rsync is a script; in it, <c>rsync</c> is the real one.</summary>
    public RsyncDestination ConnectBy(string script, RsyncDestinationConfig? config = null)
    {
        Environment[RsyncProgram.Variable] = _folder.WriteScript("rsync-script", $"#!/bin/sh\n{script}\n");
        return Connect(config ?? Config);
    }

    public static async Task<RsyncWorld> DaemonAsync(string? root = null)
    {
        var daemon = await RsyncDaemon.StartAsync(root);
        var world = new RsyncWorld { _server = daemon, Root = root ?? daemon.Root, Target = daemon.Address() };
        world.Connect();
        return world;
    }

    /// <summary>The destination's configuration.</summary>
    public RsyncDestinationConfig Config => new()
    {
        Name = "vault",
        Target = Target,
        Password = Target.StartsWith("rsync:", StringComparison.Ordinal) ? new SecretReference("env", "DAEMON_PASSWORD") : null,
    };

    /// <summary>Another destination like it.</summary>
    public RsyncDestination Connect(RsyncDestinationConfig config, IPlaceMemory? places = null) =>
        new(config, Environment, Staging, TimeProvider.System, places: places);

    public async ValueTask DisposeAsync()
    {
        await Destination.DisposeAsync();
        if (_server is not null) await _server.DisposeAsync();
        _folder.Dispose();
    }

    private void Connect() => Destination = Connect(Config);

    // The target names no port and no key; a user would write them into ssh_config.
    private string SshProgram(SftpDestinationConfig login)
    {
        return _folder.WriteScript("ssh with blanks", $"""
            #!/bin/sh
            exec ssh -p {login.Port} -i '{login.IdentityFile}' -o IdentitiesOnly=yes -o 'UserKnownHostsFile={login.KnownHosts}' -o GlobalKnownHostsFile=/dev/null -o KexAlgorithms=curve25519-sha256 "$@"

            """);
    }
}
