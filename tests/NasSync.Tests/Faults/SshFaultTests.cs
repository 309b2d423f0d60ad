using NasSync.Destinations.Sftp;
using NasSync.Tests.Destinations.Sftp;
using NasSync.Tests.Support;

namespace NasSync.Tests.Faults;

/// <summary>Faults of a real sshd and of the line to it, at the SFTP destination.</summary>
public sealed class SshFaultTests
{
    private static readonly RelativePath Any = RelativePath.Parse("any");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // The time limit for the hash of a small file, and how often the shell is asked for a sign of life meanwhile.
    private static readonly TimeSpan HashTime = TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Nudge = Patience / 3;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_key_behind_a_passphrase_that_no_agent_holds_is_refused_without_a_question()
    {
        await using var server = await SshServer.StartAsync();
        var key = await server.MakeKeyAsync("locked", "a passphrase");
        File.AppendAllText(Path.Combine(server.Scratch, "authorized_keys"), File.ReadAllText(key + ".pub"));
        await using var destination = SftpWorld.Connect(server.Config() with { IdentityFile = key });
        var failure = await FailsAsync(destination.StatAsync(Any, default));
        Assert.Equal((FailureClass.Auth, "AuthRefused"), (failure.Class, failure.Code));
        Assert.Contains("the agent when the key has a passphrase", failure.Hint, StringComparison.Ordinal);
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task An_idle_connection_that_was_cut_is_opened_again_by_the_next_call()
    {
        await using var server = await SshServer.StartAsync();
        await using var line = FaultProxy.Before(server.Port);
        await using var destination = SftpWorld.Connect(server.Config(line));
        Assert.Null(await destination.StatAsync(Any, default));
        line.CutAll();
        await UntilAsync(async () =>
        {
            try
            {
                return await destination.StatAsync(Any, default) is null;
            }
            catch (FailureException e) when (e.Failure is { Class: FailureClass.Transient, Code: "ConnectionLost" })
            {
                // ssh had not yet noticed.
                return false;
            }
        });
        Assert.Equal(2, line.Accepted);
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_host_that_refuses_connections_for_a_while_is_used_again_afterwards()
    {
        await using var server = await SshServer.StartAsync();
        await using var line = FaultProxy.Before(server.Port);
        await line.RefuseAsync();
        await using var destination = SftpWorld.Connect(server.Config(line));
        var failure = await FailsAsync(destination.StatAsync(Any, default));
        Assert.Equal((FailureClass.Unavailable, "Unreachable"), (failure.Class, failure.Code));
        line.Accept();
        Assert.Null(await destination.StatAsync(Any, default));
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_line_that_ends_during_the_login_is_told_as_unreachable()
    {
        await using var server = await SshServer.StartAsync();
        await using var line = FaultProxy.Before(server.Port).Next(LineFault.Reset, Direction.ToClient, 100).Next(
            LineFault.Close, Direction.ToClient, 1000);
        await using var destination = SftpWorld.Connect(server.Config(line));
        for (var i = 0; i < 2; i++)
        {
            var failure = await FailsAsync(destination.StatAsync(Any, default));
            Assert.Equal((FailureClass.Unavailable, "Unreachable"), (failure.Class, failure.Code));
        }

        Assert.Null(await destination.StatAsync(Any, default));
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_host_that_never_begins_to_speak_is_given_up_after_a_minute()
    {
        await using var server = await SshServer.StartAsync("/bin/sleep 1000");
        var time = new ManualTime();

        // With explicit ciphers, no ssh process is started to list them, so nothing else waits on this clock.
        await using var destination = new SftpDestination(server.Config() with { Ciphers = "aes256-gcm@openssh.com" }, SftpWorld.Environment, time);
        var asking = destination.StatAsync(Any, default).AsTask().WaitAsync(Wait.Longest);
        await UntilAsync(() => Task.FromResult(time.Waiting > 1));
        time.Advance(TimeSpan.FromMinutes(1));
        var failure = (await Assert.ThrowsAsync<FailureException>(() => asking)).Failure;
        Assert.Equal((FailureClass.Unavailable, "TimedOut"), (failure.Class, failure.Code));
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_server_that_falls_silent_is_given_up_after_half_a_minute_and_not_before()
    {
        await using var server = await SshServer.StartAsync();
        var time = new ManualTime();
        await using var destination = new SftpDestination(server.Config(), SftpWorld.Environment, time);
        Assert.Null(await destination.StatAsync(Any, default));

        // No request is open: an idle connection is kept for any time.
        time.Advance(TimeSpan.FromHours(1));
        Assert.Null(await destination.StatAsync(Any, default));
        time.Advance(TimeSpan.FromHours(1));
        server.Freeze();
        var asking = destination.StatAsync(Any, default).AsTask().WaitAsync(Wait.Longest);
        await UntilAsync(() => Task.FromResult(time.Waiting > 0));
        time.Advance(Patience - Second);
        Assert.False(asking.IsCompleted);

        // The thread that sends the request may be late; its report of activity then restarts the time.
        await UntilAsync(() =>
        {
            time.Advance(Second);
            return Task.FromResult(asking.IsCompleted);
        });
        var failure = (await Assert.ThrowsAsync<FailureException>(() => asking)).Failure;
        Assert.Equal((FailureClass.Transient, "NotResponding"), (failure.Class, failure.Code));
        Assert.EndsWith("does not respond: no answer for 30 s; the connection was given up.", failure.Message, StringComparison.Ordinal);
        Assert.Null(await destination.StatAsync(Any, default));
        Assert.Equal(2, server.Log.Split("Accepted publickey").Length - 1);
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_hash_that_never_comes_is_given_up_and_the_copy_is_read_back()
    {
        // The shell still answers, but the hash of this file never comes, as with a hung disk.
        using var bin = new TempFolder();
        bin.WriteScript("openssl", "#!/bin/sh\nexit 1\n");
        bin.WriteScript(
            "sha256sum",
            $"#!/bin/sh\n[ \"$(readlink /proc/$$/fd/0)\" = /dev/null ] && exec /usr/bin/sha256sum\ntouch {bin["asked"]}\nexec sleep 1000\n");
        await using var server = await SshServer.StartAsync(settings: $"SetEnv PATH={bin.Path}:/usr/bin:/bin");
        await using var line = FaultProxy.Before(server.Port);
        var time = new ManualTime();
        await using var destination = new SftpDestination(server.Config(line), SftpWorld.Environment, time);
        var content = SftpWorld.Content(3_000_000);
        var copying = SftpWorld.CopyAsync(destination, SftpWorld.Request("a", content), content);
        await UntilAsync(() => Task.FromResult(File.Exists(bin["asked"])));
        for (var passed = TimeSpan.Zero; passed <= HashTime && !copying.IsCompleted; passed += Nudge)
        {
            // Only the hash hangs: the shell answers each request for a sign of life. The clock stops before the copy is read back.
            var heard = line.Bytes(Direction.ToClient);
            time.Advance(Nudge);
            await UntilAsync(() => Task.FromResult(line.Bytes(Direction.ToClient) > heard || copying.IsCompleted));
        }

        Assert.Equal(VerifiedBy.ReadBack, (await copying.WaitAsync(Wait.Longest)).VerifiedBy);
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task What_a_login_script_prints_before_a_hash_is_not_taken_for_one()
    {
        using var scripts = new TempFolder();
        var noisy = scripts.WriteScript("noisy", """
            #!/bin/sh
            case "$SSH_ORIGINAL_COMMAND" in *sftp*) exec /usr/lib/openssh/sftp-server;; esac
            echo 'Welcome!'; echo 'x 1 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'; printf 'no newline at the end'
            exec sh
            """);
        await using var world = await SftpWorld.StartAsync("/usr/lib/openssh/sftp-server", $"ForceCommand {noisy}");
        var content = SftpWorld.Content(3_000_000);
        var receipt = await SftpWorld.CopyAsync(world.Destination, SftpWorld.Request("a", content), content);
        Assert.Equal(VerifiedBy.ServerHash, receipt.VerifiedBy);
    }

    internal static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(Wait.Longest);
        while (!await condition()) await Task.Delay(5, limit.Token);
    }

    private static async Task<Failure> FailsAsync<T>(ValueTask<T> call) =>
        (await Assert.ThrowsAsync<FailureException>(async () => await call)).Failure;
}
