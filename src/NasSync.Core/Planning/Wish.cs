namespace NasSync.Planning;

/// <summary>One artifact wanted at one target: what becomes one item of the plan.</summary>
/// <param name="Decision">The decision it comes from.</param>
/// <param name="Requested">Where the route wants it.</param>
internal sealed record Wish(RouteDecision Decision, Target Requested)
{
    /// <summary>The artifact.</summary>
    public Artifact Artifact => Decision.Artifact;

    /// <summary>The requested target's key, computed once.</summary>
    public string Key { get; } = Requested.Key;

    /// <summary>What the route says of conflicts.</summary>
    public ConflictPolicy OnConflict => Decision.Route?.OnConflict ?? ConflictPolicy.KeepBoth;

    /// <summary>How sure the copy must be.</summary>
    public VerifyLevel Verify => Decision.Route?.Verify ?? VerifyLevel.Checksum;

    /// <summary>What becomes of the source.</summary>
    public ReleasePolicy Release => Decision.Route?.Release ?? ReleasePolicy.Keep;
}
