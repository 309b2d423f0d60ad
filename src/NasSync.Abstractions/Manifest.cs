using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace NasSync;

/// <summary>One generation of a job: what a producer says it finished. A rewritten file with other bytes is another generation.</summary>
public sealed record Manifest
{
    /// <summary>The producer's name of the job (<c>job_id</c>); unique in an outputs folder.</summary>
    public required string JobId { get; init; }

    /// <summary>The artifacts, in the manifest's order; the same path twice is listed once.</summary>
    public required IReadOnlyList<Artifact> Artifacts { get; init; }

    /// <summary>The manifest file, as a full path of this machine.</summary>
    public required string Path { get; init; }

    /// <summary>SHA-256 of the manifest's bytes, lower-case hex.</summary>
    public required string Generation { get; init; }

    /// <summary>Where the job's material came from (<c>source_type</c>), for example <c>youtube</c>; null when not said.</summary>
    public string? SourceType { get; init; }

    /// <summary>The artist; null when not said.</summary>
    public string? Artist { get; init; }

    /// <summary>The album; null when not said.</summary>
    public string? Album { get; init; }

    /// <summary>The title; null when not said.</summary>
    public string? Title { get; init; }

    /// <summary>When the producer finished (<c>processed_at</c>, ISO 8601); null when not said. A time without offset is taken as UTC.</summary>
    public DateTimeOffset? ProcessedAt { get; init; }

    /// <summary>Where the video came from; null when the job has none.</summary>
    public YouTubeSource? YouTube { get; init; }

    /// <summary>The producer's <c>stems_generated</c> as it stands: a boolean, a list of stem names, or null when not said.</summary>
    public object? StemsGenerated { get; init; }

    /// <summary>The producer's <c>stems_preserved</c> as it stands: a boolean, a list of stem names, or null when not said.</summary>
    public object? StemsPreserved { get; init; }

    /// <summary>
    /// Fields this version does not know, and those that are not as they should be, as plain values: texts, numbers, lists, dictionaries.
    /// </summary>
    public IReadOnlyDictionary<string, object?> Unknown => PlainJson.Of(UnknownJson);

    /// <summary>The same fields as they stand in the file, so that they survive a round trip.</summary>
    internal IReadOnlyDictionary<string, JsonElement> UnknownJson { get; init; } = ReadOnlyDictionary<string, JsonElement>.Empty;

    /// <summary>What is odd about the file, though its artifacts can be copied all the same; null when nothing is.</summary>
    public Notice? Oddity { get; init; }

    /// <summary>
    /// Device and inode of the folder that the manifest was read from, so that what is opened below it later is below that very folder; null where
    /// the platform has no such numbers, and for a manifest that nobody read.
    /// </summary>
    internal (ulong Device, ulong Inode)? FolderNumbers { get; init; }

    /// <summary>Whether the job folder's name is a symbolic link, which the configuration allowed: its sources are never removed.</summary>
    internal bool IsLinked { get; init; }

    /// <summary>The job folder: the one that holds the manifest. Artifact paths are relative to it.</summary>
    public string Folder => System.IO.Path.GetDirectoryName(Path) ?? Path;

    /// <summary>The job and its number of artifacts.</summary>
    public override string ToString() => $"{JobId} ({Artifacts.Count} {(Artifacts.Count == 1 ? "artifact" : "artifacts")})";
}

/// <summary>One finished file of a job.</summary>
public sealed record Artifact
{
    /// <summary>An artifact of which nothing is known yet.</summary>
    public Artifact()
    {
    }

    /// <summary>An artifact whose path was parsed already.</summary>
    [SetsRequiredMembers]
    internal Artifact(string kind, RelativePath path) => (Kind, RelativePath) = (kind, path);

    /// <summary>What it is, for example <c>audio</c>, <c>video</c>, <c>stems</c>; routes match it without regard to case.</summary>
    public required string Kind { get; init; }

    /// <summary>Which one of its kind, for example <c>instrumental</c>; null when the kind has only one.</summary>
    public string? Variant { get; init; }

    /// <summary>The producer's name for people, for example <c>Instrumental (no drums)</c>; null when not said.</summary>
    public string? Label { get; init; }

    /// <summary>Where it is, relative to the job folder: never absolute, never out of it, with <c>/</c> between folders.</summary>
    /// <exception cref="FormatException">Set to a path that could leave its folder; the message names it and says why.</exception>
    public required string Path { get => RelativePath.Value; init => RelativePath = RelativePath.Parse(value); }

    /// <summary>The same path as the type that all past the parsers asks for. The public one is text: every serializer writes it plainly.</summary>
    internal RelativePath RelativePath { get; [MemberNotNull(nameof(Path))] init; } = null!;

    /// <summary>The codec, for example <c>aac</c>; null when not said.</summary>
    public string? Codec { get; init; }

    /// <summary>The container, for example <c>m4a</c>; null when not said.</summary>
    public string? Container { get; init; }

    /// <summary>Playing time in seconds (<c>duration_sec</c>); null when not said.</summary>
    public double? DurationSec { get; init; }

    /// <summary>The declared size in bytes; null when not said. When present, source and destination must agree with it.</summary>
    public long? Size { get; init; }

    /// <summary>The declared SHA-256, lower-case hex; null when not said. When present, source and destination must agree with it.</summary>
    public string? Sha256 { get; init; }

    /// <summary>
    /// Fields this version does not know, and those that are not as they should be, as plain values: texts, numbers, lists, dictionaries.
    /// </summary>
    public IReadOnlyDictionary<string, object?> Unknown => PlainJson.Of(UnknownJson);

    /// <summary>The same fields as they stand in the file, so that they survive a round trip.</summary>
    internal IReadOnlyDictionary<string, JsonElement> UnknownJson { get; init; } = ReadOnlyDictionary<string, JsonElement>.Empty;

    /// <summary>Kind, variant and path.</summary>
    public override string ToString() => Variant is null ? $"{Kind} {Path}" : $"{Kind}/{Variant} {Path}";
}

/// <summary>The video a job was made from.</summary>
public sealed record YouTubeSource
{
    /// <summary>The video's id.</summary>
    public string? VideoId { get; init; }

    /// <summary>The page's address.</summary>
    public string? Url { get; init; }

    /// <summary>The channel's name.</summary>
    public string? Channel { get; init; }

    /// <summary>The title there.</summary>
    public string? Title { get; init; }

    /// <summary>Playing time there, in seconds.</summary>
    public double? OnlineDurationSec { get; init; }

    /// <summary>
    /// Fields this version does not know, and those that are not as they should be, as plain values: texts, numbers, lists, dictionaries.
    /// </summary>
    public IReadOnlyDictionary<string, object?> Unknown => PlainJson.Of(UnknownJson);

    /// <summary>The same fields as they stand in the file, so that they survive a round trip.</summary>
    internal IReadOnlyDictionary<string, JsonElement> UnknownJson { get; init; } = ReadOnlyDictionary<string, JsonElement>.Empty;
}
