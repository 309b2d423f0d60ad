namespace NasSync;

/// <summary>Whether a destination keeps one of its promises.</summary>
public enum DestinationTestOutcome
{
    /// <summary>The destination keeps the promise.</summary>
    Passed,

    /// <summary>The destination breaks the promise, or could not be reached; <see cref="DestinationTestResult.Detail"/> says why.</summary>
    Failed,

    /// <summary>The destination does not support this and says so; nothing is wrong.</summary>
    NotApplicable,
}

/// <summary>The result of one test of a destination, as <c>Test-SyncDestination</c> outputs it.</summary>
public sealed record DestinationTestResult
{
    /// <summary>The destination's name, or the full path of the folder.</summary>
    public required string Destination { get; init; }

    /// <summary>The topic of the promise, such as <c>names</c>.</summary>
    public required string Group { get; init; }

    /// <summary>The promise, as a sentence.</summary>
    public required string Promise { get; init; }

    /// <summary>The outcome.</summary>
    public required DestinationTestOutcome Outcome { get; init; }

    /// <summary>Why the test failed or does not apply, or a further observation; null when there is none.</summary>
    public string? Detail { get; init; }

    /// <summary>The duration of the test, including clean-up.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Outcome, destination and promise.</summary>
    public override string ToString() => $"{Outcome}: {Destination}: {Promise}";
}
