using NasSync.Destinations.Sftp;
using NasSync.Destinations.Ssh;
using NasSync.Tests.Support;

namespace NasSync.Tests.Destinations.Ssh;

public sealed class SshCiphersTests
{
    private const string Default = "chacha20-poly1305@openssh.com,aes128-ctr,aes256-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com";

    [Theory]
    [InlineData(Default, Default, "aes256-gcm@openssh.com,aes128-gcm@openssh.com,chacha20-poly1305@openssh.com,aes128-ctr,aes256-ctr")]
    [InlineData("chacha20-poly1305@openssh.com,aes256-gcm@openssh.com", Default, null)]
    [InlineData("chacha20-poly1305@openssh.com,aes256-ctr", "chacha20-poly1305@openssh.com,aes256-ctr", null)]
    [InlineData("aes256-gcm@openssh.com,aes128-ctr", "aes256-gcm@openssh.com,aes128-ctr", null)]
    [InlineData(null, null, null)]
    public void Only_the_order_changes_and_only_where_nobody_has_chosen(string? configured, string? own, string? chosen) =>
        Assert.Equal(chosen, SshCiphers.Choose(configured, own));

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_host_is_asked_for_the_faster_cipher_and_one_without_it_is_reached_all_the_same()
    {
        Assert.Equal(SshCiphers.AreFastHere ? "aes256-gcm@openssh.com" : "chacha20-poly1305@openssh.com", await UsedAsync(""));
        Assert.Equal("aes128-ctr", await UsedAsync("Ciphers aes128-ctr"));
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task Ciphers_of_the_configuration_or_of_ssh_config_stay_as_they_are()
    {
        using var folder = new TempFolder();
        var config = folder.Write("config", "Host *\n  Ciphers aes256-ctr,aes256-gcm@openssh.com\n");
        var ssh = folder.WriteScript("ssh", $"#!/bin/sh\nexec ssh -F '{config}' \"$@\"\n");
        Assert.Equal("aes256-ctr", await UsedAsync("", ssh));
        Assert.Equal("aes192-ctr", await UsedAsync("", ciphers: "aes192-ctr"));
    }

    private static async Task<string> UsedAsync(string settings, string? ssh = null, string? ciphers = null)
    {
        await using var server = await SshServer.StartAsync(settings: $"LogLevel DEBUG1\n{settings}");
        var environment = new Dictionary<string, string>();
        if (ssh is not null) environment[SshCommand.ProgramVariable] = ssh;
        await using var destination = new SftpDestination(server.Config() with { Ciphers = ciphers }, environment, TimeProvider.System);
        Assert.Null(await destination.StatAsync(RelativePath.Parse("nothing"), default));
        const string Told = "kex: client->server cipher: ";
        var log = server.Log;
        return log[(log.IndexOf(Told, StringComparison.Ordinal) + Told.Length)..].Split(' ')[0];
    }
}
