using System.Diagnostics;
using NasSync.Config;
using NasSync.Destinations.Sftp;
using NasSync.Tests.Faults;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Destinations.Sftp;

/// <summary>A real login with a password, by a user who is made for it and removed again.</summary>
public sealed class SftpPasswordTests
{
    private const string Secret = "canary-7d1f'\"$(x)`%s";

    [RequiresFact("linux", "root", "useradd", "openssl", SshServer.Program)]
    public async Task A_password_by_reference_logs_in_and_is_seen_nowhere()
    {
        using var user = ThrowAwayUser.Make(Secret);
        await using var server = await StartAsync();
        await using var destination = new SftpDestination(Config(server, user), Variables(Secret), TimeProvider.System);
        var content = SftpWorld.Content(3_000_000);
        await using (var session = await destination.BeginWriteAsync(SftpWorld.Request("song.flac", content), default))
        {
            await SftpWorld.SendAsync(session, content, 0, content.Length);
            var lines = Proc.CommandLines().ToList();
            Assert.Contains(lines, line => line.Split('\0').Contains($"{server.Port}"));
            Assert.DoesNotContain(lines, line => line.Contains("canary-7d1f", StringComparison.Ordinal));
            Assert.Equal(VerifiedBy.ServerHash, (await session.CommitAsync(SftpWorld.Sha256(content), default)).VerifiedBy);
        }

        Assert.Equal(content, File.ReadAllBytes(Path.Combine(server.Root, "song.flac")));
        Assert.Contains($"Accepted password for {user.Name}", server.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("canary-7d1f", server.Log, StringComparison.Ordinal);
    }

    [RequiresFact("linux", "root", "useradd", "openssl", SshServer.Program)]
    public async Task A_wrong_password_is_refused_at_once_and_stands_in_no_event_log_or_error()
    {
        using var user = ThrowAwayUser.Make("another one");
        await using var server = await StartAsync();
        using var world = new SyncWorld { Route = new Route { Number = 1, To = ["studio:${jobId}"] }, Variables = Variables(Secret) };
        world.Config = world.Config with { Destinations = new Dictionary<string, DestinationConfig> { ["studio"] = Config(server, user) } };
        world.Job().Add("a.mp3", "audio").Write();
        var events = await world.RunAsync();
        var failed = Assert.Single(events.OfType<TransferEvent.Failed>());
        Assert.Equal((FailureClass.Auth, "AuthRefused"), (failed.Failure.Class, failed.Failure.Code));

        // sshd answers before it writes its log.
        await SshFaultTests.UntilAsync(() => Task.FromResult(server.Log.Contains("Failed password", StringComparison.Ordinal)));
        Assert.Equal(1, server.Log.Split("Failed password").Length - 1);
        Assert.All(events, one => Assert.DoesNotContain("canary-7d1f", $"{one} {TransferEventJson.ToLine(one)}", StringComparison.Ordinal));
        Assert.DoesNotContain("canary-7d1f", server.Log, StringComparison.Ordinal);
        foreach (var file in Directory.GetFiles(world.Root, "*", SearchOption.AllDirectories))
            Assert.True(File.ReadAllBytes(file).AsSpan().IndexOf("canary-7d1f"u8) < 0, file);
    }

    private static async Task<SshServer> StartAsync()
    {
        var server = await SshServer.StartAsync(settings: "PasswordAuthentication yes");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(server.Root, (UnixFileMode)0b111_111_111);
        return server;
    }

    private static SftpDestinationConfig Config(SshServer server, ThrowAwayUser user) =>
        server.Config() with { User = user.Name, IdentityFile = null, Password = new SecretReference("env", "NAS_PASSWORD") };

    private static Dictionary<string, string> Variables(string secret) => new() { ["NAS_PASSWORD"] = secret };

    private sealed class ThrowAwayUser : IDisposable
    {
        public string Name { get; } = $"nassync{Guid.NewGuid():N}"[..20];

        public static ThrowAwayUser Make(string password)
        {
            var user = new ThrowAwayUser();
            var hash = Run("openssl", password + "\n", "passwd", "-6", "-stdin").Trim();
            Run("useradd", "", "-M", "-N", "-p", hash, "-s", "/bin/sh", "-d", "/tmp", user.Name);
            return user;
        }

        public void Dispose() => Run("userdel", "", Name);

        private static string Run(string program, string input, params string[] arguments)
        {
            using var process =
                Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
            process.StandardInput.Write(input);
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}");
        }
    }
}
