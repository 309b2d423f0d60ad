using NasSync.Tests.Support;

namespace NasSync.Tests.Service;

/// <summary>What the program proposes to call means the configuration of this call, wherever it is pasted.</summary>
public sealed class CarriedConfigTests : IDisposable
{
    private readonly Cli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Commands_in_hints_carry_the_config_that_was_given_by_its_full_path()
    {
        var config = await SyncAndLoseAsync();
        var carried = $"nassync --config {config}";

        await _cli.RunAsync("verify", "--config", "nas-sync.yaml");
        Assert.Contains($"{carried} verify --plan FILE, then: {carried} sync --repair FILE", _cli.Out, StringComparison.Ordinal);

        await _cli.RunAsync("--config", "nas-sync.yaml", "retry", "4711");
        Assert.Contains($"See: {carried} status --failed", _cli.Error, StringComparison.Ordinal);

        Directory.Move(_cli.Folder["nas"], _cli.Folder["away"]);
        _cli.Job("job_2").Add("c.m4a", "audio").Write();
        await _cli.RunAsync("sync", "--config", "nas-sync.yaml");
        Assert.Contains($"{carried} destination accept", _cli.Out, StringComparison.Ordinal);
        await _cli.RunAsync("sync", "--config", "nas-sync.yaml", "--json");
        Assert.Contains(_cli.Json, line =>
            line.TryGetProperty("hint", out var hint) && hint.GetString()!.Contains($"{carried} destination accept", StringComparison.Ordinal));
        await _cli.RunAsync("plan", "--force", "--config", "nas-sync.yaml", "--json");
        var planned =
            _cli.Json.Single(line => line.GetProperty("event").GetString() == "planItem" && line.GetProperty("artifact").GetString() == "c.m4a");
        Assert.Contains($"{carried} destination accept", planned.GetProperty("hint").GetString(), StringComparison.Ordinal);
        await _cli.RunAsync("status", "--failed", "--config", "nas-sync.yaml");
        Assert.Contains($"{carried} destination accept", _cli.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_it_they_find_the_configuration_as_this_call_did()
    {
        await SyncAndLoseAsync();
        await _cli.RunAsync("verify");
        Assert.Contains("nassync verify --plan FILE, then: nassync sync --repair FILE", _cli.Out, StringComparison.Ordinal);
    }

    [RequiresFact("linux")]
    public async Task A_path_that_a_shell_would_read_otherwise_is_quoted()
    {
        var config = await SyncAndLoseAsync();
        var odd = _cli.Folder.Write("my nas's/nas-sync.yaml", (await File.ReadAllTextAsync(config))
            .Replace("workDir: work", "workDir: ../work", StringComparison.Ordinal)
            .Replace("outputsDir: outputs", "outputsDir: ../outputs", StringComparison.Ordinal)
            .Replace("audio: nas", "audio: ../nas", StringComparison.Ordinal));
        await _cli.RunAsync("verify", "--config", odd);
        Assert.Contains(
            $"nassync --config '{odd.Replace("'", @"'\''", StringComparison.Ordinal)}' sync --repair FILE", _cli.Out, StringComparison.Ordinal);
    }

    private async Task<string> SyncAndLoseAsync()
    {
        var config = _cli.WriteConfig();
        _cli.Job().Add("a.m4a", "audio").Add("b.m4a", "audio").Write();
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync"));
        File.Delete(_cli.Folder["nas/Audio/a.m4a"]);
        return config;
    }
}
