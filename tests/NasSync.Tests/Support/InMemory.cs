using NasSync.Planning;

namespace NasSync.Tests.Support;

/// <summary>Manifests and decisions made in memory, for tests that need no files.</summary>
internal static class InMemory
{
    /// <summary>An artifact.</summary>
    public static Artifact Artifact(string path, string kind = "audio", string? variant = "instrumental", string? label = null) =>
        new() { Kind = kind, Variant = variant, Label = label, Path = path };

    /// <summary>A manifest with a full set of values.</summary>
    public static Manifest Manifest(string jobId, params Artifact[] artifacts) => new()
    {
        JobId = jobId,
        Artifacts = artifacts,
        Path = $"/data/outputs/{jobId}/manifest.json",
        Generation = new string('0', 64),
        SourceType = "youtube",
        Artist = "Ada Quill",
        Album = "Paper Moons",
        Title = "Northern Line",
        ProcessedAt = new DateTimeOffset(2026, 1, 14, 9, 30, 0, TimeSpan.Zero),
    };

    /// <summary>A file below /nas.</summary>
    public static Target Target(string path, string root = "/nas") =>
        new() { Destination = NasSync.Target.LocalName, Root = root, Path = path };

    /// <summary>The copy of job_1's song.m4a that a killed run was about to rename to its final name in /nas.</summary>
    public static UnrecordedCopy Unrecorded(string path, long size, long mtimeNs, string? content) => new()
    {
        JobId = "job_1",
        Artifact = "song.m4a",
        Requested = Target(path),
        Target = Target(path),
        Source = new FileState(size, mtimeNs, 0, 0),
        Sha256 = content is null ? null : MemoryWorld.Hash(content),
        Generation = new string('0', 64),
    };

    /// <summary>The decision for a job's only artifact, which goes to /nas under its own name.</summary>
    public static RouteDecision Decision(string jobId, string path, ConflictPolicy onConflict = ConflictPolicy.KeepBoth)
    {
        var manifest = Manifest(jobId, Artifact(path));
        return Decision(manifest, manifest.Artifacts[0], onConflict, Target(manifest.Artifacts[0].RelativePath.FileName));
    }

    /// <summary>A decision for any targets.</summary>
    public static RouteDecision Decision(Manifest manifest, Artifact artifact, ConflictPolicy onConflict, params Target[] targets) => new()
    {
        Manifest = manifest,
        Artifact = artifact,
        Route = new() { Number = 1, To = ["/nas"], OnConflict = onConflict },
        Targets = targets,
    };
}
