using NasSync.Tests.Support;

namespace NasSync.Tests.Transfers;

/// <summary>What a run costs that has nothing to do.</summary>
public sealed class SecondRunTests(ITestOutputHelper output)
{
    private const int Jobs = 2_000, ArtifactsOfJob = 5;

    [RequiresFact("linux", "strace")]
    public async Task Ten_thousand_artifacts_that_are_synced_open_nothing_at_the_destination()
    {
        using var world = new SyncWorld();
        for (var number = 0; number < Jobs; number++)
        {
            var job = world.Job($"job_{number:d4}");
            for (var artifact = 0; artifact < ArtifactsOfJob; artifact++)
                job.Add($"{artifact}.m4a", "audio", content: BitConverter.GetBytes((number * ArtifactsOfJob) + artifact));
            job.Write();
        }

        var config = Path.Combine(world.Root, "config.yaml");
        await File.WriteAllTextAsync(config, $$"""
            nasSync:
              outputsDir: {{world.Outputs}}
              workDir: {{world.Root}}/work
              routes: [ { to: "{{world.Nas}}/${jobId}" } ]
            """);
        var first = await world.SyncAsync();
        Assert.Equal((Jobs * ArtifactsOfJob, 0), (first.Committed, first.Failed));

        // Without strace, for the figure; with it, for the proof.
        var plain = await Nassync.RunAsync("sync", "--json", "--config", config);
        output.WriteLine($"first run: {first.Elapsed.TotalSeconds:f1} s; second run: {plain.Of("finished").Single()}");
        var trace = Path.Combine(world.Root, "trace");
        var second = await Nassync.RunUnderAsync(
            ["strace", "-f", "--seccomp-bpf", "-qq", "-y", "-e", "trace=%file,fsync,fdatasync", "-o", trace], "sync", "--json", "--config", config);

        Assert.True(second.ExitCode == 0, second.Error);
        Assert.Equal(Jobs * ArtifactsOfJob, Assert.Single(second.Of("finished")).GetProperty("unchanged").GetInt32());
        var (atSources, atDestination) = (0, new List<string>());
        await foreach (var call in File.ReadLinesAsync(trace))
        {
            if (call.Contains(world.Outputs, StringComparison.Ordinal)) atSources++;
            if (call.Contains(world.Nas, StringComparison.Ordinal)) atDestination.Add(call);
        }

        Assert.True(atSources > Jobs * ArtifactsOfJob, "the trace does not show what the run did");
        Assert.Empty(atDestination);
    }
}
