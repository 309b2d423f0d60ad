namespace NasSync.Destinations.Places;

/// <summary>A place whose missing root the first copy creates.</summary>
internal interface IMakesRoot
{
    /// <summary>
    /// The folder that the next copy would create for the root, for people: the topmost missing one, as far as the place shows. Null when the root
    /// exists, when copies or a marker there are known, and when someone accepted the place as new.
    /// </summary>
    /// <exception cref="FailureException">The place cannot be queried.</exception>
    ValueTask<string?> RootToMakeAsync(CancellationToken cancellationToken);
}
