namespace NasSync.Planning;

/// <summary>
/// Remembers the manifest of each job id. Two folders with the same id would take each other's files for their own earlier copies and replace them in
/// every run.
/// </summary>
/// <param name="isThere">Whether a manifest still exists where it was seen; null means that it does for the lifetime of this object.</param>
public sealed class ManifestsOfJobs(Func<string, bool>? isThere = null)
{
    private const int Few = 1024;
    private readonly Dictionary<string, string> _paths = new(StringComparer.Ordinal);
    private int _many = Few;

    /// <summary>How many jobs are remembered.</summary>
    public int Count => _paths.Count;

    /// <summary>Adds a manifest.</summary>
    /// <returns>The failure when another manifest has the same job id; null when this one is the first, or the other is gone.</returns>
    public Failure? Add(Manifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        if (_paths.Count >= _many) ForgetGone();
        if (_paths.TryAdd(manifest.JobId, manifest.Path)) return null;
        var first = _paths[manifest.JobId];
        if (string.Equals(first, manifest.Path, StringComparison.Ordinal)) return null;
        if (isThere?.Invoke(first) == false)
        {
            _paths[manifest.JobId] = manifest.Path;
            return null;
        }

        return new(
            FailureClass.Conflict,
            "DuplicateJobId",
            $"Job id '{manifest.JobId}' of {manifest.Path} is also that of {first}.",
            "Give every job an id of its own, or remove one of the two folders.");
    }

    // A watcher sees jobs come and go for years. Cleaning up only after the number has doubled keeps the cost low.
    private void ForgetGone()
    {
        foreach (var (job, path) in _paths)
            if (isThere?.Invoke(path) == false) _paths.Remove(job);
        _many = Math.Max(Few, _paths.Count * 2);
    }
}
