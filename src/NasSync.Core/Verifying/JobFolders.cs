using NasSync.Config;
using NasSync.Watching;

namespace NasSync.Verifying;

/// <summary>
/// Finds the manifest of a job, since the ledger knows jobs only by their ids. Most folders have the name of their job; only if one has not, all
/// manifests in the outputs folder are read, once.
/// </summary>
/// <param name="config">The configuration, for the outputs folder.</param>
/// <param name="known">The manifests that the request names, by job.</param>
internal sealed class JobFolders(SyncConfig config, IReadOnlyDictionary<string, string> known)
{
    private readonly object _gate = new();
    private Dictionary<string, string>? _all;
    private Manifest? _last;

    /// <summary>A job's current manifest; null when there is none, or when it cannot be read.</summary>
    public Manifest? Find(string jobId, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_last?.JobId == jobId) return _last;
            if (known.TryGetValue(jobId, out var path) && Read(path, jobId, cancellationToken) is { } named) return _last = named;
            if (config.OutputsDir is not { } outputs) return null;
            if (Guess(jobId, cancellationToken) is { } guessed) return _last = guessed;
            _all ??= ReadAll(outputs, cancellationToken);
            return _all.TryGetValue(jobId, out var found) ? _last = Read(found, jobId, cancellationToken) : null;
        }
    }

    /// <summary>The path of a job's manifest, if the request names it or the job's folder has the job's name; reads no other folder.</summary>
    public string? Near(string jobId, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_last?.JobId == jobId) return _last.Path;
            if (known.TryGetValue(jobId, out var path)) return path;
            return Guess(jobId, cancellationToken) is { } guessed ? (_last = guessed).Path : null;
        }
    }

    private Manifest? Guess(string jobId, CancellationToken cancellationToken) =>
        config.OutputsDir is { } outputs && RelativePath.TryParse(jobId, out var folder, out _) && folder.Parent is null
            ? Read(Path.Combine(outputs, jobId, ManifestFinder.FileName), jobId, cancellationToken)
            : null;

    private Dictionary<string, string> ReadAll(string outputs, CancellationToken cancellationToken)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            foreach (var path in ManifestFinder.Find(outputs))
                if (Read(path, null, cancellationToken) is { } manifest) all.TryAdd(manifest.JobId, manifest.Path);
        }
        catch (FailureException)
        {
            // Without an outputs folder there are no sources; the finding will say so.
        }

        return all;
    }

    private Manifest? Read(string path, string? jobId, CancellationToken cancellationToken)
    {
        try
        {
            var manifest = ManifestFile.Read(path, config.FollowJobLinks, cancellationToken: cancellationToken);
            return jobId is null || manifest.JobId == jobId ? manifest : null;
        }
        catch (FailureException)
        {
            return null;
        }
    }
}
