namespace NasSync.Planning;

/// <summary>
/// Which manifest each job id was seen in. Two folders with one id would take each other's files for their own earlier copies, and replace them
/// run after run.
/// </summary>
/// <param name="isThere">Says whether a manifest is still where it was seen; null: it is, for as long as this object lives.</param>
public sealed class ManifestsOfJobs(Func<string, bool>? isThere = null)
{
    private const int Few = 1024;
    private readonly Dictionary<string, string> _paths = new(StringComparer.Ordinal);
    private int _many = Few;

    /// <summary>How many jobs are remembered.</summary>
    public int Count => _paths.Count;

    /// <summary>Notes a manifest.</summary>
    /// <returns>Why it is refused, when another one has the same job id; null when it is the first or the only one left.</returns>
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

    // A watcher sees jobs come and go for years. Looked for only when there are twice as many as were left the last time, so that it costs little.
    private void ForgetGone()
    {
        foreach (var (job, path) in _paths)
            if (isThere?.Invoke(path) == false) _paths.Remove(job);
        _many = Math.Max(Few, _paths.Count * 2);
    }
}
