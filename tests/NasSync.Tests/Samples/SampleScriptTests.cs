using System.Diagnostics;
using NasSync.Tests.Support;
using NasSync.Watching;

namespace NasSync.Tests.Samples;

/// <summary>
/// The scripts in samples/ are run. Media programs are large, so two small scripts stand for them: they write other bytes, and the manifests must
/// tell of those.
/// </summary>
public sealed class SampleScriptTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_script_of_the_samples_is_run_here() =>
        Assert.Equal(
            ["make-samples.sh"],
            Directory.GetFiles(Repository.At("samples"), "*.*", SearchOption.AllDirectories)
                .Select(file => Path.GetFileName(file))
                .Where(name => Path.GetExtension(name) is ".sh" or ".ps1" or ".py"));

    [RequiresFact("linux", "bash", "sha256sum")]
    public async Task The_script_that_makes_the_samples_writes_manifests_that_are_true()
    {
        _folder.WriteScript("bin/ffmpeg", "#!/bin/bash\nprintf 'bytes for %s' \"${@: -1}\" > \"${@: -1}\"\n");
        _folder.WriteScript("bin/ffprobe", "#!/bin/bash\necho 5.000000\n");
        var script = _folder.Write("samples/make-samples.sh", File.ReadAllText(Repository.At("samples/make-samples.sh")));
        var start = new ProcessStartInfo("bash", [script]) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["PATH"] = $"{_folder["bin"]}:{start.Environment["PATH"]}";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var said = await process.StandardError.ReadToEndAsync();
        await output;
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, said);

        var made = ManifestFinder.Find(_folder["samples/outputs"]).Select(path => ManifestFile.Read(path)).ToList();
        var kept = ManifestFinder.Find(Repository.At("samples/outputs")).Select(path => ManifestFile.Read(path)).ToList();
        Assert.Equal(kept.Select(Shape), made.Select(Shape));
        Assert.All(made.SelectMany(job => job.Artifacts, (job, artifact) => (artifact, file: Path.Combine(job.Folder, artifact.Path))), pair =>
        {
            Assert.True(File.Exists(pair.file), pair.file);
            if (pair.artifact.Size is { } size) Assert.Equal(new FileInfo(pair.file).Length, size);
            if (pair.artifact.Sha256 is { } hash) Assert.Equal(TempFolder.Sha256Of(pair.file), hash);
        });
    }

    // All but what depends on the bytes.
    private static string Shape(Manifest job) =>
        $"{job.JobId} {job.Artist} {job.Album} {job.Title} {job.ProcessedAt:O} {string.Join(' ', job.Artifacts.Select(artifact => $"{artifact.Kind}/{artifact.Variant} {artifact.Label} {artifact.Path} {artifact.Sha256 is not null}"))}";
}
