namespace NasSync;

/// <summary>How one promise of a destination was kept.</summary>
public enum DestinationTestOutcome
{
    /// <summary>The place keeps the promise.</summary>
    Passed,

    /// <summary>The place breaks the promise, or could not be asked; <see cref="DestinationTestResult.Detail"/> says why.</summary>
    Failed,

    /// <summary>The place cannot do this, and says so; nothing is wrong.</summary>
    NotApplicable,
}

/// <summary>What one trial at a destination found, as <c>Test-SyncDestination</c> writes it.</summary>
public sealed record DestinationTestResult
{
    /// <summary>The destination's name, or the full path of the folder.</summary>
    public required string Destination { get; init; }

    /// <summary>What the promise is about, such as <c>names</c>.</summary>
    public required string Group { get; init; }

    /// <summary>The promise, as a sentence.</summary>
    public required string Promise { get; init; }

    /// <summary>How it was kept.</summary>
    public required DestinationTestOutcome Outcome { get; init; }

    /// <summary>Why it failed or does not apply, or what else was seen; null when there is nothing to say.</summary>
    public string? Detail { get; init; }

    /// <summary>How long the trial took, with the clean-up.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Outcome, destination and promise.</summary>
    public override string ToString() => $"{Outcome}: {Destination}: {Promise}";
}
