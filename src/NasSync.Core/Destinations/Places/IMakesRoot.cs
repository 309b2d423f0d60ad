namespace NasSync.Destinations.Places;

/// <summary>A place whose root the first copy makes where it is not there.</summary>
internal interface IMakesRoot
{
    /// <summary>
    /// The folder that the next copy would make for its root, for people: the topmost one that is missing, as far as that can be seen. Null where the
    /// root is there, where something is known of it, and where someone accepted that it begins anew.
    /// </summary>
    /// <exception cref="FailureException">The place cannot be asked.</exception>
    ValueTask<string?> RootToMakeAsync(CancellationToken cancellationToken);
}
