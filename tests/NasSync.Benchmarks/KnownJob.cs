using System.Text;
using NasSync.Config;
using NasSync.Manifests;
using NasSync.Planning;
using NasSync.Routing;

namespace NasSync.Benchmarks;

/// <summary>A job of ten artifacts that was copied before: its manifest, its routes, and a world in which nothing changed since.</summary>
internal sealed class KnownJob : IObservations
{
    private const string Configuration = """
        nasSync:
          outputsDir: /data/outputs
          workDir: /data/work
          routes:
            - match: { kind: video }
              to: /nas/Videos
            - match: { kind: audio, variant: instrumental }
              to: /nas/Instrumentals
            - match: { kind: audio }
              to: "/nas/Audio/${artist}"
              as: "${title} (${label})${ext}"
        """;

    private static readonly string Hash = new('a', 64);

    public KnownJob(int number)
    {
        JobId = $"job_{number:000000}";
        var artifacts = Enumerable.Range(1, 10).Select(artifact =>
            $$"""{ "kind": "audio", "variant": "take_{{artifact}}", "label": "Take {{artifact}}", "path": "audio/take-{{artifact}}.m4a", "size": 51668 }""");
        var text =
            $$"""{ "job_id": "{{JobId}}", "artist": "Mira Solène", "title": "Line {{number}}", "artifacts": [{{string.Join(',', artifacts)}}] }""";
        Manifest = ManifestReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), $"/data/outputs/{JobId}/manifest.json");
        Rows = [.. Routes.Resolve(Manifest).Select(RowOf)];
    }

    public static RouteTable Routes { get; } = new(Read());

    public string JobId { get; }

    public Manifest Manifest { get; }

    public IReadOnlyList<RecordedCopy> Rows { get; }

    public FileState Source(Manifest manifest, Artifact artifact) => new(51668, 1, (ulong)artifact.Path.Length, 1);

    public IReadOnlyList<RecordedCopy> OfJob(string jobId) => Rows;

    public string SourceHash(Manifest manifest, Artifact artifact) => throw new InvalidOperationException("Nothing changed, so nothing is read.");

    public FileState? Target(Target target) => throw new InvalidOperationException("Nothing changed, so no destination is asked.");

    public string TargetHash(Target target) => throw new InvalidOperationException("Nothing changed, so nothing is read.");

    public RecordedCopy? Owner(Target target) => null;

    public IReadOnlyList<UnrecordedCopy> Unrecorded(Target target) => [];

    private static SyncConfig Read()
    {
        var file = Path.Combine(Path.GetTempPath(), $"nassync-benchmark-{Environment.ProcessId}.yaml");
        File.WriteAllText(file, Configuration);
        try
        {
            return ConfigLoader.Load(new() { FilePath = file, Environment = new Dictionary<string, string>(), CurrentFolder = "/" }).Config!;
        }
        finally
        {
            File.Delete(file);
        }
    }

    private RecordedCopy RowOf(RouteDecision decision) => new()
    {
        JobId = JobId,
        Artifact = decision.Artifact.Path,
        Requested = decision.Targets[0],
        Target = decision.Targets[0],
        Source = Source(Manifest, decision.Artifact),
        Receipt = new()
        {
            Size = 51668,
            Sha256 = Hash,
            VerifiedBy = VerifiedBy.ReadBackCached,
            Durability = Durability.Fsynced,
            CommittedAt = DateTimeOffset.UnixEpoch,
        },
        Generation = "1",
    };
}
