using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using NasSync.Files;

namespace NasSync.Tests.Support;

/// <summary>
/// Builds a job folder as a producer does: first the artifacts with the given content, then the manifest.
/// <code>var manifest = new SampleJob(outputs, "job_1") { Artist = "Ada" }.Add("a.m4a", "audio", "instrumental").Write();</code>
/// </summary>
internal sealed class SampleJob(string outputs, string jobId = "job_20260114_7f3a")
{
    // Some tests keep a file open for writing on purpose.
    private static readonly TimeSpan MostWriting = TimeSpan.FromSeconds(1);

    private readonly JsonArray _artifacts = [];
    private readonly List<string> _written = [];

    /// <summary>The job's id, and its folder's name.</summary>
    public string JobId { get; } = jobId;

    /// <summary>The job folder.</summary>
    public string Folder { get; } = Directory.CreateDirectory(Path.Combine(outputs, jobId)).FullName;

    /// <summary>The manifest's path, even before the manifest is written.</summary>
    public string ManifestPath => Path.Combine(Folder, "manifest.json");

    /// <summary>The manifest's artist.</summary>
    public string Artist { get; init; } = "Ada Quill";

    /// <summary>The manifest's album.</summary>
    public string Album { get; init; } = "Paper Moons";

    /// <summary>The manifest's title.</summary>
    public string Title { get; init; } = "Northern Line";

    /// <summary>More fields for the manifest's top level.</summary>
    public JsonObject Extra { get; init; } = [];

    /// <summary>
    /// Adds an artifact. Its default content is its own path, so that each artifact differs. With <paramref name="declare"/> the manifest states its
    /// size and hash.
    /// </summary>
    public SampleJob Add(string path, string kind, string? variant = null, byte[]? content = null, bool declare = false, string? label = null)
    {
        content ??= Encoding.UTF8.GetBytes($"{JobId}/{path}");
        var file = Path.Combine(Folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, content);
        _written.Add(file);
        var sha256 = declare ? Convert.ToHexStringLower(SHA256.HashData(content)) : null;
        return Declare(path, kind, variant, declare ? content.Length : null, sha256, label);
    }

    /// <summary>Lists an artifact in the manifest without writing a file, so that any path, size and hash can be claimed.</summary>
    public SampleJob Declare(string path, string kind, string? variant = null, long? size = null, string? sha256 = null, string? label = null)
    {
        var artifact = new JsonObject { ["kind"] = kind, ["path"] = path };
        if (variant is not null) artifact["variant"] = variant;
        if (label is not null) artifact["label"] = label;
        if (size is not null) artifact["size"] = size;
        if (sha256 is not null) artifact["sha256"] = sha256;
        _artifacts.Add((JsonNode)artifact);
        return this;
    }

    /// <summary>Writes the manifest and returns its path. Each further call writes a new generation.</summary>
    public string Write()
    {
        var manifest = new JsonObject
        {
            ["job_id"] = JobId,
            ["source_type"] = "upload",
            ["artist"] = Artist,
            ["album"] = Album,
            ["title"] = Title,
            ["processed_at"] = "2026-01-14T09:30:00Z",
            ["artifacts"] = _artifacts.DeepClone(),
        };
        foreach (var (name, value) in Extra) manifest[name] = value?.DeepClone();
        File.WriteAllText(ManifestPath, manifest.ToJsonString());
        if (OperatingSystem.IsLinux()) _written.ForEach(WaitUntilClosed);
        _written.Clear();
        return ManifestPath;
    }

    // A process that another test starts right now inherits our open files until its exec, and a run would take the producer to be still writing.
    private static void WaitUntilClosed(string file)
    {
        if (!File.Exists(file)) return;
        using var opened = File.OpenHandle(file, share: FileShare.ReadWrite | FileShare.Delete);
        for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since) < MostWriting && Libc.IsOpenForWriting(opened) == true;)
            Thread.Yield();
    }
}
