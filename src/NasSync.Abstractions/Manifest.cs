using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace NasSync;

/// <summary>
/// One generation of a job, as its producer declares it finished. A file that was rewritten with other bytes is another generation.
/// </summary>
public sealed record Manifest
{
    /// <summary>The producer's name of the job (<c>job_id</c>); unique within an outputs folder.</summary>
    public required string JobId { get; init; }

    /// <summary>The artifacts, in the manifest's order, without duplicate paths.</summary>
    public required IReadOnlyList<Artifact> Artifacts { get; init; }

    /// <summary>The manifest file, as a full path of this machine.</summary>
    public required string Path { get; init; }

    /// <summary>SHA-256 of the manifest's bytes, lower-case hex.</summary>
    public required string Generation { get; init; }

    /// <summary>The origin of the job's material (<c>source_type</c>), for example <c>youtube</c>; null when missing.</summary>
    public string? SourceType { get; init; }

    /// <summary>The artist; null when missing.</summary>
    public string? Artist { get; init; }

    /// <summary>The album; null when missing.</summary>
    public string? Album { get; init; }

    /// <summary>The title; null when missing.</summary>
    public string? Title { get; init; }

    /// <summary>When the producer finished (<c>processed_at</c>, ISO 8601); null when missing. A time without offset is UTC.</summary>
    public DateTimeOffset? ProcessedAt { get; init; }

    /// <summary>The video that the job was made from; null when there is none.</summary>
    public YouTubeSource? YouTube { get; init; }

    /// <summary>The producer's <c>stems_generated</c>: a boolean, a list of stem names, or null when missing.</summary>
    public object? StemsGenerated { get; init; }

    /// <summary>The producer's <c>stems_preserved</c>: a boolean, a list of stem names, or null when missing.</summary>
    public object? StemsPreserved { get; init; }

    /// <summary>Unknown fields, and known fields with an invalid value, as plain values: strings, numbers, lists, dictionaries.</summary>
    public IReadOnlyDictionary<string, object?> Unknown => PlainJson.Of(UnknownJson);

    /// <summary>The same fields as JSON, so that they survive a round trip.</summary>
    internal IReadOnlyDictionary<string, JsonElement> UnknownJson { get; init; } = ReadOnlyDictionary<string, JsonElement>.Empty;

    /// <summary>A notice about invalid fields that do not prevent copying; null when there are none.</summary>
    public Notice? Oddity { get; init; }

    /// <summary>
    /// Device and inode of the folder that the manifest was read from, so that files opened later are certain to be in the same folder. Null where
    /// the platform has no such numbers, and for a manifest that was not read from a file.
    /// </summary>
    internal (ulong Device, ulong Inode)? FolderNumbers { get; init; }

    /// <summary>Whether the job folder's name is a symbolic link, which the configuration allowed; its sources are never removed.</summary>
    internal bool IsLinked { get; init; }

    /// <summary>The job folder, which contains the manifest. Artifact paths are relative to it.</summary>
    public string Folder => System.IO.Path.GetDirectoryName(Path) ?? Path;

    /// <summary>The job and its number of artifacts.</summary>
    public override string ToString() =>
        Artifacts is { Count: var count } ? $"{JobId} ({count} {(count == 1 ? "artifact" : "artifacts")})" : $"{JobId}";
}

/// <summary>One finished file of a job.</summary>
public sealed record Artifact
{
    /// <summary>Creates an artifact for use with an object initializer.</summary>
    public Artifact()
    {
    }

    /// <summary>Creates an artifact from a parsed path.</summary>
    [SetsRequiredMembers]
    internal Artifact(string kind, RelativePath path) => (Kind, RelativePath) = (kind, path);

    /// <summary>The kind, for example <c>audio</c>, <c>video</c>, <c>stems</c>; routes match it ignoring case.</summary>
    public required string Kind { get; init; }

    /// <summary>The variant within the kind, for example <c>instrumental</c>; null when the kind has only one.</summary>
    public string? Variant { get; init; }

    /// <summary>The producer's display name, for example <c>Instrumental (no drums)</c>; null when missing.</summary>
    public string? Label { get; init; }

    /// <summary>The path relative to the job folder: never absolute, never out of it, with <c>/</c> between folders.</summary>
    /// <exception cref="FormatException">Set to a path that could leave its folder; the message names it and says why.</exception>
    public required string Path { get => RelativePath?.Value ?? ""; init => RelativePath = RelativePath.Parse(value); }

    /// <summary>
    /// The same path as a type that cannot escape, for all code past the parsers. The public property is a string, which every serializer can write.
    /// </summary>
    internal RelativePath RelativePath { get; [MemberNotNull(nameof(Path))] init; } = null!;

    /// <summary>The codec, for example <c>aac</c>; null when missing.</summary>
    public string? Codec { get; init; }

    /// <summary>The container, for example <c>m4a</c>; null when missing.</summary>
    public string? Container { get; init; }

    /// <summary>Playing time in seconds (<c>duration_sec</c>); null when missing.</summary>
    public double? DurationSec { get; init; }

    /// <summary>The declared size in bytes; null when missing. When present, source and destination must match it.</summary>
    public long? Size { get; init; }

    /// <summary>The declared SHA-256, lower-case hex; null when missing. When present, source and destination must match it.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Unknown fields, and known fields with an invalid value, as plain values: strings, numbers, lists, dictionaries.</summary>
    public IReadOnlyDictionary<string, object?> Unknown => PlainJson.Of(UnknownJson);

    /// <summary>The same fields as JSON, so that they survive a round trip.</summary>
    internal IReadOnlyDictionary<string, JsonElement> UnknownJson { get; init; } = ReadOnlyDictionary<string, JsonElement>.Empty;

    /// <summary>Kind, variant and path.</summary>
    public override string ToString() => Variant is null ? $"{Kind} {Path}" : $"{Kind}/{Variant} {Path}";
}

/// <summary>The video that a job was made from.</summary>
public sealed record YouTubeSource
{
    /// <summary>The video's id.</summary>
    public string? VideoId { get; init; }

    /// <summary>The page's address.</summary>
    public string? Url { get; init; }

    /// <summary>The channel's name.</summary>
    public string? Channel { get; init; }

    /// <summary>The video's title.</summary>
    public string? Title { get; init; }

    /// <summary>The video's playing time in seconds.</summary>
    public double? OnlineDurationSec { get; init; }

    /// <summary>Unknown fields, and known fields with an invalid value, as plain values: strings, numbers, lists, dictionaries.</summary>
    public IReadOnlyDictionary<string, object?> Unknown => PlainJson.Of(UnknownJson);

    /// <summary>The same fields as JSON, so that they survive a round trip.</summary>
    internal IReadOnlyDictionary<string, JsonElement> UnknownJson { get; init; } = ReadOnlyDictionary<string, JsonElement>.Empty;
}
