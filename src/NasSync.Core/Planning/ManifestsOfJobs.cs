namespace NasSync.Planning;

/// <summary>
/// Which manifest each job id was seen in. Two folders with one id would take each other's files for their own earlier copies, and replace them
/// run after run.
/// </summary>
/// <param name="isThere">Says whether a manifest is still where it was seen; null: it is, for as long as this object lives.</param>
public sealed class ManifestsOfJobs(Func<string, bool>? isThere = null)
{
    private readonly Dictionary<string, string> _paths = new(StringComparer.Ordinal);

    /// <summary>Notes a manifest.</summary>
    /// <returns>Why it is refused, when another one has the same job id; null when it is the first or the only one left.</returns>
    public Failure? Add(Manifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
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
}
