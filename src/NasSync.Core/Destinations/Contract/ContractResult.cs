namespace NasSync.Destinations.Contract;

/// <summary>How one case of the contract ended.</summary>
public enum ContractOutcome
{
    /// <summary>The place keeps the promise.</summary>
    Passed,

    /// <summary>The place breaks the promise, or could not be asked.</summary>
    Failed,

    /// <summary>The place cannot do this, and says so.</summary>
    NotApplicable,
}

/// <summary>What one case of the contract found.</summary>
public sealed record ContractResult
{
    /// <summary>What the case is about, such as <c>names</c>.</summary>
    public required string Group { get; init; }

    /// <summary>The promise, as a sentence.</summary>
    public required string Name { get; init; }

    /// <summary>How it ended.</summary>
    public required ContractOutcome Outcome { get; init; }

    /// <summary>Why it failed or does not apply, or what else was seen; null when there is nothing to say.</summary>
    public string? Detail { get; init; }

    /// <summary>How long it took, with the clean-up.</summary>
    public required TimeSpan Elapsed { get; init; }
}
