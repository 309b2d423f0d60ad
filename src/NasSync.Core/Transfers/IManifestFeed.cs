namespace NasSync.Transfers;

/// <summary>Where a run that goes on until it is stopped takes its manifests from. Asked by one task; told from any.</summary>
internal interface IManifestFeed
{
    /// <summary>No more will come: the run ends when what it has is done.</summary>
    bool IsEnded { get; }

    /// <summary>Nothing waits, and everything that was there at the start was handed out.</summary>
    bool IsCaughtUp { get; }

    /// <summary>Waits for the next manifest.</summary>
    /// <param name="atMost">How long; null: until there is one.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Its full path; null when none came in time, or none will come any more.</returns>
    ValueTask<string?> NextAsync(TimeSpan? atMost, CancellationToken cancellationToken);

    /// <summary>All of a manifest that was handed out has its outcome; it may be handed out again.</summary>
    /// <param name="manifestPath">As it was handed out.</param>
    /// <param name="again">In what time it is to be handed out although nothing changed; null: only when it changes.</param>
    void Done(string manifestPath, TimeSpan? again);
}
