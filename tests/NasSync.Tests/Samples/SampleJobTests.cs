using NasSync.Config;
using NasSync.Routing;
using NasSync.Tests.Support;
using NasSync.Watching;

namespace NasSync.Tests.Samples;

public sealed class SampleJobTests
{
    private static List<Manifest> Jobs() => [.. ManifestFinder.Find(Repository.At("samples/outputs")).Select(path => ManifestFile.Read(path))];

    [Fact]
    public void The_samples_are_three_jobs_with_the_variants_that_the_routes_speak_of() =>
        Assert.Equal(
            ["audio/instrumental", "audio/no_drums", "audio/drums_only", "video/source", "stems/vocals"],
            Jobs().SelectMany(job => job.Artifacts).Select(artifact => $"{artifact.Kind}/{artifact.Variant}"));

    [Fact]
    public void What_a_sample_manifest_declares_is_true()
    {
        var artifacts =
            Jobs().SelectMany(job => job.Artifacts, (job, artifact) => (artifact, file: Path.Combine(job.Folder, artifact.Path))).ToList();
        Assert.All(artifacts, pair => Assert.Equal(pair.artifact.Size ?? new FileInfo(pair.file).Length, new FileInfo(pair.file).Length));
        Assert.All(artifacts, pair => Assert.Equal(pair.artifact.Sha256 ?? TempFolder.Sha256Of(pair.file), TempFolder.Sha256Of(pair.file)));
        Assert.Contains(artifacts, pair => pair.artifact.Sha256 is not null);
    }

    [Fact]
    public void No_two_samples_have_the_same_bytes_and_all_are_small()
    {
        var files = Jobs().SelectMany(job => job.Artifacts, (job, artifact) => Path.Combine(job.Folder, artifact.Path)).ToList();
        Assert.Equal(files.Count, files.Select(TempFolder.Sha256Of).Distinct().Count());
        Assert.All(files, file => Assert.InRange(new FileInfo(file).Length, 10 << 10, 200 << 10));
        Assert.InRange(files.Sum(file => new FileInfo(file).Length), 1, 600 << 10);
    }

    // The format says "ftyp" at offset 4 of every MP4 and M4A file.
    [Fact]
    public void Every_sample_is_a_real_media_container() =>
        Assert.All(Jobs().SelectMany(job => job.Artifacts, (job, artifact) => Path.Combine(job.Folder, artifact.Path)), file =>
            Assert.Equal("ftyp"u8.ToArray(), File.ReadAllBytes(file)[4..8]));

    [Fact]
    public void The_configuration_of_the_samples_has_no_mistake_and_routes_all_but_the_stems()
    {
        var result = ConfigLoader.Load(new() { FilePath = Repository.At("samples/nas-sync.yaml"), Environment = NoVariables, CurrentFolder = "/" });
        Assert.Empty(result.Problems);

        var routes = new RouteTable(result.Config!);
        Assert.Equal(
            [
                $"{Repository.At("samples/nas")}/Instrumentals/Instrumental/Mira Solène/Mira Solène - Northern Line.m4a",
                $"{Repository.At("samples/nas")}/Instrumentals/Instrumental (no drums)/Mira Solène/Mira Solène - Northern Line - No drums.m4a",
                $"{Repository.At("samples/nas")}/Instrumentals/Drums only/Mira Solène/Mira Solène - Northern Line - Drums only.m4a",
                $"{Repository.At("samples/nas")}/Videos/2026-01/Lamplighter (Live at the Pier).mp4",
                "no route matches kind 'stems', variant 'vocals'",
            ],
            Jobs().SelectMany(routes.Resolve).Select(decision => decision.SkipReason ?? decision.Targets.Single().Display));
    }

    private static readonly Dictionary<string, string> NoVariables = [];
}
