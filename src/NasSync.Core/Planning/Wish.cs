namespace NasSync.Planning;

/// <summary>One artifact requested at one target; becomes one item of the plan.</summary>
/// <param name="Decision">The decision it comes from.</param>
/// <param name="Requested">The target that the route requests.</param>
internal sealed record Wish(RouteDecision Decision, Target Requested)
{
    /// <summary>The artifact.</summary>
    public Artifact Artifact => Decision.Artifact;

    /// <summary>The requested target's key, computed once.</summary>
    public string Key { get; } = Requested.Key;

    /// <summary>The route's conflict policy.</summary>
    public ConflictPolicy OnConflict => Decision.Route?.OnConflict ?? ConflictPolicy.KeepBoth;

    /// <summary>The verification that the route requires.</summary>
    public VerifyLevel Verify => Decision.Route?.Verify ?? VerifyLevel.Checksum;

    /// <summary>What happens to the source.</summary>
    public ReleasePolicy Release => Decision.Route?.Release ?? ReleasePolicy.Keep;
}
