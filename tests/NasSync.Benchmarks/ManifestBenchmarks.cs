using System.Text;
using BenchmarkDotNet.Attributes;
using NasSync.Manifests;

namespace NasSync.Benchmarks;

/// <summary>Reading a manifest: a usual one, and one with very many artifacts.</summary>
[MemoryDiagnoser]
public class ManifestBenchmarks
{
    private byte[] _manifest = [];

    /// <summary>How many artifacts the manifest lists.</summary>
    [Params(5, 10_000)]
    public int Artifacts { get; set; }

    /// <summary>Writes the manifest into memory.</summary>
    [GlobalSetup]
    public void Write()
    {
        var artifacts = Enumerable.Range(1, Artifacts).Select(number => $$"""
            { "kind": "audio", "variant": "take_{{number}}", "label": "Take {{number}}", "path": "audio/take-{{number}}.m4a", "codec": "aac",
              "container": "m4a", "duration_sec": 5.0, "size": 51668, "sha256": "{{new string('a', 64)}}" }
            """);
        _manifest = Encoding.UTF8.GetBytes($$"""
            { "job_id": "job_20260114_7f3a", "artist": "Mira Solène", "title": "Northern Line", "artifacts": [{{string.Join(',', artifacts)}}] }
            """);
    }

    /// <summary>From bytes to a checked manifest.</summary>
    [Benchmark]
    public Manifest Read() => ManifestReader.Read(new MemoryStream(_manifest), "/data/outputs/job/manifest.json");
}
