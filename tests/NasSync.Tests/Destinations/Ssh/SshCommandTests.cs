using NasSync.Config;
using NasSync.Destinations.Sftp;
using NasSync.Destinations.Ssh;
using NasSync.Tests.Support;

namespace NasSync.Tests.Destinations.Ssh;

public sealed class SshCommandTests
{
    private static readonly SshLogin Plain = new("nas");

    [Fact]
    public void What_the_configuration_leaves_open_is_left_to_ssh()
    {
        var command = new SshCommand(Plain, new Dictionary<string, string>());
        Assert.Equal(
            "ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ServerAliveInterval=15 -o ServerAliveCountMax=3 -o ConnectTimeout=10 -o "
            + "LogLevel=ERROR "
            + "-o ClearAllForwardings=yes -s -- nas sftp",
            command.Program + " " + string.Join(' ', command.Sftp().Arguments));
        Assert.Equal(["-T", "--", "nas", "sh"], command.Shell().Arguments.TakeLast(4));
    }

    [Fact]
    public void Everything_of_the_configuration_reaches_ssh()
    {
        var config = Plain with { Port = 2222, User = "sync", IdentityFile = "/keys/my key", KnownHosts = "/etc/100%/known hosts" };
        var command = new SshCommand(config, new Dictionary<string, string> { [SshCommand.ProgramVariable] = "/opt/ssh" });
        Assert.Equal("/opt/ssh", command.Program);
        Assert.Equal(
            ["-p", "2222", "-l", "sync", "-i", "/keys/my key", "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes"],
            command.Sftp().Arguments.Take(10));
        Assert.Contains("UserKnownHostsFile=\"/etc/100%%/known hosts\"", command.Sftp().Arguments);
    }

    [Fact]
    public void Another_program_gets_every_word_quoted_as_rsync_reads_it()
    {
        var command = new SshCommand(
            new SshLogin("nas") { User = "sync", IdentityFile = "/keys/it's mine" },
            new Dictionary<string, string> { [SshCommand.ProgramVariable] = "/my apps/ssh" });
        Assert.StartsWith(
            "'/my apps/ssh' '-i' '/keys/it''s mine' '-o' 'IdentitiesOnly=yes' '-o' 'BatchMode=yes'", command.RemoteShell(), StringComparison.Ordinal);
        Assert.DoesNotContain("sync", command.RemoteShell(), StringComparison.Ordinal);
    }

    [RequiresFact("linux")]
    public async Task A_password_reaches_ssh_by_its_helper_and_by_nothing_else()
    {
        var config =
            new SftpDestinationConfig { Name = "studio", Host = "nas", Root = "/volume1", Password = new SecretReference("env", "NAS_PASSWORD") };
        const string Secret = "pa'ss \"w$rd\\n %";
        using var folder = new TempFolder();
        var ssh = folder.WriteScript("ssh", $"""
            #!/bin/sh
            printf '%s\n' "$@" > '{folder["arguments"]}'
            cat "$SSH_ASKPASS" > '{folder["script"]}'
            "$SSH_ASKPASS" "sync@nas's password: " > '{folder["answer"]}'
            printf %s "$SSH_ASKPASS_REQUIRE" > '{folder["require"]}'
            dirname "$SSH_ASKPASS" > '{folder["where"]}'
            echo 'sync@nas: Permission denied (password).' >&2
            exit 255
            """);
        var environment = new Dictionary<string, string> { [SshCommand.ProgramVariable] = ssh, ["NAS_PASSWORD"] = Secret };
        await using (var destination = new SftpDestination(config, environment, TimeProvider.System))
        {
            var failure =
                (await Assert.ThrowsAsync<FailureException>(async () => await destination.StatAsync(RelativePath.Parse("a"), default))).Failure;
            Assert.Equal("AuthRefused", failure.Code);
            Assert.DoesNotContain(Secret, failure.Message + failure.Hint, StringComparison.Ordinal);
        }

        Assert.Equal(Secret + "\n", File.ReadAllText(folder["answer"]));
        Assert.Equal("force", File.ReadAllText(folder["require"]));
        Assert.DoesNotContain(Secret, File.ReadAllText(folder["script"]), StringComparison.Ordinal);
        var arguments = File.ReadAllText(folder["arguments"]);
        Assert.DoesNotContain(Secret, arguments, StringComparison.Ordinal);
        Assert.Contains("BatchMode=no", arguments, StringComparison.Ordinal);
        Assert.False(Directory.Exists(File.ReadAllText(folder["where"]).TrimEnd()));
    }
}
