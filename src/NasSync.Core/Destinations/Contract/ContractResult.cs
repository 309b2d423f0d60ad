namespace NasSync.Destinations.Contract;

/// <summary>The outcome of one case of the contract.</summary>
public enum ContractOutcome
{
    /// <summary>The place keeps the promise.</summary>
    Passed,

    /// <summary>The place breaks the promise, or could not be queried.</summary>
    Failed,

    /// <summary>The place reports that it cannot do this.</summary>
    NotApplicable,
}

/// <summary>The result of one case of the contract.</summary>
public sealed record ContractResult
{
    /// <summary>The subject of the case, such as <c>names</c>.</summary>
    public required string Group { get; init; }

    /// <summary>The promise, as a sentence.</summary>
    public required string Name { get; init; }

    /// <summary>The outcome.</summary>
    public required ContractOutcome Outcome { get; init; }

    /// <summary>Why the case failed or does not apply, or what else it observed; null when there is nothing to report.</summary>
    public string? Detail { get; init; }

    /// <summary>The duration of the case, including the clean-up.</summary>
    public required TimeSpan Elapsed { get; init; }
}
