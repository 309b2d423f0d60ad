namespace NasSync.Planning;

/// <summary>A place that an item of this run takes.</summary>
/// <param name="Target">The place.</param>
/// <param name="JobId">The item's job.</param>
/// <param name="Artifact">The item's artifact.</param>
/// <param name="RequestedKey">Where the item's route wanted it.</param>
/// <param name="Writes">False when the ledger says that the file is there already and nothing will be written.</param>
internal sealed record Claim(Target Target, string JobId, RelativePath Artifact, string RequestedKey, bool Writes);

/// <summary>
/// The places that this run's items take. While a run is planned, its earlier items are not at their targets yet, so the world alone cannot
/// say that a name is taken.
/// </summary>
internal sealed class Claims
{
    private readonly Dictionary<string, Claim> _claims = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Target> _fileBelow = new(StringComparer.Ordinal);

    /// <summary>Takes a place for an item.</summary>
    public void Take(Claim claim)
    {
        var key = claim.Target.Key;
        if (claim.Writes || !_claims.TryGetValue(key, out var before) || !before.Writes) _claims[key] = claim;
        foreach (var folder in Folders(key)) _fileBelow.TryAdd(folder, claim.Target);
    }

    /// <summary>The claim of any other item on a place; null when it is free or the item's own.</summary>
    public Claim? Other(string key, string jobId, Wish wish) =>
        _claims.TryGetValue(key, out var claim) && !(claim.JobId == jobId && claim.Artifact == wish.Artifact.Path && claim.RequestedKey == wish.Key)
            ? claim
            : null;

    /// <summary>A claimed place that would have to be a folder for this key to be a file, or the other way round; null when there is none.</summary>
    public Target? InTheWay(string key)
    {
        if (_fileBelow.TryGetValue(key, out var below)) return below;
        return Folders(key).Select(_claims.GetValueOrDefault).FirstOrDefault(claim => claim is not null)?.Target;
    }

    /// <summary>The keys of all folders above a key.</summary>
    public static IEnumerable<string> Folders(string key)
    {
        for (var slash = key.LastIndexOf('/'); slash > 0; slash = key.LastIndexOf('/', slash - 1)) yield return key[..slash];
    }
}
