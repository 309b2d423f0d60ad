using NasSync.Config;
using NasSync.Tests.Support;

namespace NasSync.Tests.Destinations.Sftp;

public sealed class SshFailureTests
{
    [RequiresFact("linux", SshServer.Program)]
    public async Task An_unknown_host_key_is_shown_with_the_command_that_trusts_it()
    {
        await using var server = await SshServer.StartAsync();
        var failure = await ConnectAsync(server.Config() with { KnownHosts = server.WriteKnownHosts("none", null) });
        Assert.Equal((FailureClass.Auth, "HostKeyUnknown"), (failure.Class, failure.Code));
        Assert.Matches(@"^The key of \S+@127\.0\.0\.1:\d+ is not known yet \(it shows SHA256:\S{43}\)\.$", failure.Message);
        Assert.Contains(
            $"ssh -o StrictHostKeyChecking=ask -o UserKnownHostsFile={server.Scratch}/none -p {server.Port}", failure.Hint, StringComparison.Ordinal);
        Assert.Equal("", File.ReadAllText(Path.Combine(server.Scratch, "none")));
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_changed_host_key_is_permanent_and_loud()
    {
        await using var server = await SshServer.StartAsync();
        var other = await server.MakeKeyAsync("other_host");
        var failure = await ConnectAsync(server.Config() with { KnownHosts = server.WriteKnownHosts("changed", other + ".pub") });
        Assert.Equal((FailureClass.Auth, "HostKeyChanged", false), (failure.Class, failure.Code, failure.IsTransient));
        Assert.Contains("(it shows SHA256:", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"ssh-keygen -R '[127.0.0.1]:{server.Port}' -f {server.Scratch}/changed", failure.Hint, StringComparison.Ordinal);
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_key_that_the_host_does_not_know_is_refused()
    {
        await using var server = await SshServer.StartAsync();
        var failure = await ConnectAsync(server.Config() with { IdentityFile = await server.MakeKeyAsync("stranger") });
        Assert.Equal((FailureClass.Auth, "AuthRefused"), (failure.Class, failure.Code));
        Assert.Contains("Permission denied (publickey)", failure.Message, StringComparison.Ordinal);
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_key_that_is_not_there_is_told_as_such()
    {
        await using var server = await SshServer.StartAsync();
        var failure = await ConnectAsync(server.Config() with { IdentityFile = Path.Combine(server.Scratch, "nokey") });
        Assert.Equal((FailureClass.Auth, "AuthRefused"), (failure.Class, failure.Code));
        Assert.Contains($"the key '{server.Scratch}/nokey' cannot be read (No such file or directory)", failure.Message, StringComparison.Ordinal);
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_closed_port_and_an_unknown_name_may_come_back()
    {
        var port = OwnPort.Next();
        var config = new SftpDestinationConfig { Name = "x", Host = "127.0.0.1", Port = port, Root = "/" };
        var closed = await ConnectAsync(config);
        Assert.Equal((FailureClass.Unavailable, "Unreachable"), (closed.Class, closed.Code));
        Assert.Contains("Connection refused", closed.Message, StringComparison.Ordinal);
        var unknown = await ConnectAsync(config with { Host = "no-such-host.invalid" });
        Assert.Equal((FailureClass.Unavailable, "HostNotFound"), (unknown.Class, unknown.Code));
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_host_name_is_never_an_option()
    {
        var failure = await ConnectAsync(new SftpDestinationConfig { Name = "x", Host = "-oProxyCommand=touch${IFS}/tmp/nassync-owned", Root = "/" });
        Assert.False(failure.IsTransient && failure.Code == "Unexpected");
        Assert.False(File.Exists("/tmp/nassync-owned"));
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task What_a_login_script_prints_is_shown_as_the_culprit()
    {
        await using var server = await SshServer.StartAsync("/bin/echo Welcome to the studio, have a nice day");
        var failure = await ConnectAsync(server.Config());
        Assert.Equal((FailureClass.Config, "SftpNoise"), (failure.Class, failure.Code));
        Assert.Contains("'Welcome to the studio, have a nice day", failure.Message, StringComparison.Ordinal);
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_host_without_SFTP_is_told_apart()
    {
        await using var server = await SshServer.StartAsync(subsystem: null);
        var failure = await ConnectAsync(server.Config());
        Assert.Equal((FailureClass.Config, "SftpMissing"), (failure.Class, failure.Code));
    }

    [Fact]
    public async Task A_missing_ssh_is_named_with_the_cure()
    {
        var failure = await ConnectAsync(
            new SftpDestinationConfig { Name = "x", Host = "h", Root = "/" }, new Dictionary<string, string> { ["NASSYNC_SSH"] = "/no/such/ssh" });
        Assert.Equal((FailureClass.Config, "SshMissing"), (failure.Class, failure.Code));
        Assert.Contains("/no/such/ssh", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<Failure> ConnectAsync(SftpDestinationConfig config, Dictionary<string, string>? environment = null)
    {
        await using var destination = new NasSync.Destinations.Sftp.SftpDestination(
            config, environment ?? SftpWorld.Environment, TimeProvider.System);
        return (await Assert.ThrowsAsync<FailureException>(async () => await destination.StatAsync(RelativePath.Parse("a"), default))).Failure;
    }
}
