using NasSync.Watching;

namespace NasSync.Tests.Watching;

/// <summary>Producers that do anything in any order: whoever takes what is given ends with the last content of every manifest.</summary>
public sealed class WatchStoryTests
{
    private static readonly string[] Names = ["a", "b", "c", "d", "e", "f", "g", "h"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Whatever_producers_do_the_last_manifest_of_every_job_is_given(int seed)
    {
        var random = new Random(seed);
        HeldHints? hints = null;
        await using var outputs = new WatchedOutputs();
        Func<string, IHints> few = path => new InotifyHints(path, mostJobs: seed % 3 + 1);
        await outputs.StartAsync(
            path => hints = new HeldHints(
                OperatingSystem.IsLinux() && seed % 2 == 0 ? few(path) : OperatingSystem.IsLinux() ? new InotifyHints(path) : new FolderHints(path)),
            fileSystem: seed % 5 == 0 ? "nfs4" : null);
        var taken = new Dictionary<string, string>();
        for (var step = 0; step < 400; step++)
        {
            Act(outputs, random, step);
            if (random.Next(10) == 0) hints!.Hold();
            if (random.Next(5) == 0) hints!.Release();
            if (random.Next(4) == 0) outputs.Time.Advance(TimeSpan.FromSeconds(random.NextDouble() * 20));
            if (random.Next(3) == 0) Take(outputs, taken);
        }

        hints!.Release();
        await outputs.ScanAsync();
        await outputs.ScanAsync();
        await outputs.ScanAsync();
        Take(outputs, taken);
        var jobs = Names.Where(name => File.Exists(outputs[$"{name}/manifest.json"])).ToList();
        Assert.NotEmpty(jobs);
        Assert.All(jobs, job => Assert.Equal((job, File.ReadAllText(outputs[$"{job}/manifest.json"])), (job, taken.GetValueOrDefault(job))));
    }

    private static void Act(WatchedOutputs outputs, Random random, int step)
    {
        var (job, other) = (Names[random.Next(Names.Length)], Names[random.Next(Names.Length)]);
        var content = new string('x', step); // of another size each time: the clock of a file system may be coarse
        switch (random.Next(8))
        {
            case 0 when !Directory.Exists(outputs[job]):
                outputs.Drop(job, content);
                break;
            case 1:
                Directory.CreateDirectory(outputs[job]);
                break;
            case 2 or 3:
                outputs.Write(job, content);
                break;
            case 4:
                outputs.WriteFile($"{job}/manifest.json.part", content);
                File.Move(outputs[$"{job}/manifest.json.part"], outputs[$"{job}/manifest.json"], overwrite: true);
                break;
            case 5:
                outputs.WriteFile($"{job}/artifact.m4a");
                break;
            case 6 when Directory.Exists(outputs[job]) && !Directory.Exists(outputs[other]):
                Directory.Move(outputs[job], outputs[other]);
                break;
            case 7 when Directory.Exists(outputs[job]):
                Directory.Delete(outputs[job], recursive: true);
                break;
            default:
                break;
        }
    }

    private static void Take(WatchedOutputs outputs, Dictionary<string, string> taken)
    {
        while (outputs.TryNext() is { } manifest)
        {
            var job = Path.GetFileName(Path.GetDirectoryName(manifest))!;
            if (File.Exists(manifest)) taken[job] = File.ReadAllText(manifest);
        }
    }
}
