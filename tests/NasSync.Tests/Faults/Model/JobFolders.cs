namespace NasSync.Tests.Faults.Model;

/// <summary>The producer of a world: writes job folders with manifests and sources, and notes every change in <see cref="Beliefs"/>.</summary>
internal sealed class JobFolders(string outputs, Contents contents, Beliefs beliefs)
{
    /// <summary>The artifact whose source is released.</summary>
    public const string Moved = "film.mkv";

    private readonly Dictionary<string, (string Folder, List<string> Artifacts)> _jobs = [];

    /// <summary>The path of a source, whether it still exists or not.</summary>
    public string FileOf(SourceName source) => Path.Combine(_jobs[source.JobId].Folder, source.Artifact);

    /// <summary>Writes a job; an existing one is removed first.</summary>
    public void Write(string jobId, IEnumerable<string> artifacts)
    {
        Remove(jobId);
        var folder = Directory.CreateDirectory(Path.Combine(outputs, jobId)).FullName;
        _jobs[jobId] = (folder, [.. artifacts]);
        foreach (var artifact in _jobs[jobId].Artifacts) Write(new(jobId, artifact), inPlace: false, shared: false);
        WriteManifest(jobId, "Northern Line");
    }

    /// <summary>Writes the manifest again, with another title or as it was.</summary>
    public void Rewrite(string jobId, bool changed)
    {
        if (_jobs.ContainsKey(jobId)) WriteManifest(jobId, changed ? contents.NextLabel("Northern Line") : "Northern Line");
    }

    /// <summary>Changes a source's content; does nothing for a file that the manifest does not list.</summary>
    public void Change(string jobId, string artifact, bool inPlace, bool shared)
    {
        if (_jobs.TryGetValue(jobId, out var job) && job.Artifacts.Contains(artifact)) Write(new(jobId, artifact), inPlace, shared);
    }

    /// <summary>Renames the job's folder: to a name that sorts later, or back to its first name.</summary>
    public void Rename(string jobId)
    {
        if (!_jobs.TryGetValue(jobId, out var job)) return;
        var folder = Path.Combine(outputs, Path.GetFileName(job.Folder) == jobId ? "z " + jobId : jobId);
        Directory.Move(job.Folder, folder);
        _jobs[jobId] = (folder, job.Artifacts);
    }

    /// <summary>Removes a job.</summary>
    public void Remove(string jobId)
    {
        if (!_jobs.Remove(jobId, out var job)) return;
        Directory.Delete(job.Folder, recursive: true);
        foreach (var artifact in job.Artifacts) beliefs.Removed(new(jobId, artifact));
    }

    private void Write(SourceName source, bool inPlace, bool shared)
    {
        var content = shared ? contents.Shared() : contents.Next(source.ToString());
        var file = FileOf(source);
        if (!inPlace) File.Delete(file);
        File.WriteAllBytes(file, content);
        File.SetLastWriteTimeUtc(file, contents.NextTime());
        beliefs.Written(source, Contents.Sha256(content));
    }

    private void WriteManifest(string jobId, string title)
    {
        var (folder, artifacts) = _jobs[jobId];
        var list = artifacts.Select(artifact => $$"""{"kind":"{{(artifact == Moved ? "video" : "audio")}}","path":"{{artifact}}"}""");
        File.WriteAllText(
            Path.Combine(folder, "manifest.json"),
            $$"""{"job_id":"{{jobId}}","title":"{{title}}","artifacts":[{{string.Join(',', list)}}]}""");
    }
}
