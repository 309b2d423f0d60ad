namespace NasSync;

/// <summary>The events of a verification, as data. The hierarchy is closed: match it with <c>switch</c>.</summary>
public abstract record VerifyEvent
{
    private VerifyEvent()
    {
    }

    /// <summary>A notice for people although nothing failed.</summary>
    public sealed record Warned(Notice Notice) : VerifyEvent;

    /// <summary>The amount of work; precedes the first finding.</summary>
    /// <param name="Copies">Recorded copies that match the request and are not superseded.</param>
    /// <param name="Bytes">Their total size.</param>
    /// <param name="Chosen">How many of them are verified.</param>
    /// <param name="Seed">The random seed of the sample; null when all are verified.</param>
    public sealed record Begun(long Copies, long Bytes, long Chosen, int? Seed) : VerifyEvent;

    /// <summary>A copy was verified. Findings come in no particular order.</summary>
    public sealed record Found(CopyFinding Finding) : VerifyEvent;

    /// <summary>A manifest that the request names could not be read, so its copies are unknown. Everything else continues.</summary>
    public sealed record Failed(string Subject, Failure Failure) : VerifyEvent;

    /// <summary>The last event, even after a stop.</summary>
    public sealed record Finished(VerifyResult Result) : VerifyEvent;
}

/// <summary>The totals of a verification.</summary>
public sealed record VerifyResult
{
    /// <summary>Recorded copies that match the request and are not superseded.</summary>
    public long Copies { get; init; }

    /// <summary>Copies that were verified, without those whose place could not be reached.</summary>
    public long Verified { get; init; }

    /// <summary>The number of copies by state; a state that did not occur is missing.</summary>
    public IReadOnlyDictionary<CopyState, long> States { get; init; } = new Dictionary<CopyState, long>();

    /// <summary>Manifests that could not be read.</summary>
    public int Failed { get; init; }

    /// <summary>Bytes whose hash was verified.</summary>
    public long Bytes { get; init; }

    /// <summary>The random seed of the sample; null when all copies were verified.</summary>
    public int? Seed { get; init; }

    /// <summary>Wall time.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>True when the verification was stopped before its end.</summary>
    public bool Stopped { get; init; }

    /// <summary>The exit code of the verification.</summary>
    public ExitCode ExitCode { get; init; }

    /// <summary>The number of copies in a state.</summary>
    public long Of(CopyState state) => States.GetValueOrDefault(state);
}
