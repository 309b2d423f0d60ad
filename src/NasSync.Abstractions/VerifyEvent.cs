namespace NasSync;

/// <summary>What happens while copies are verified, as data. The hierarchy is closed: match it with <c>switch</c>.</summary>
public abstract record VerifyEvent
{
    private VerifyEvent()
    {
    }

    /// <summary>Something that people should know although nothing failed.</summary>
    public sealed record Warned(Notice Notice) : VerifyEvent;

    /// <summary>How much there is to do; it comes before the first finding.</summary>
    /// <param name="Copies">Copies that stand and are meant.</param>
    /// <param name="Bytes">Their size.</param>
    /// <param name="Chosen">How many of them are looked at.</param>
    /// <param name="Seed">The number that chose them; null when all are looked at.</param>
    public sealed record Begun(long Copies, long Bytes, long Chosen, int? Seed) : VerifyEvent;

    /// <summary>A copy was looked at. Findings come in no certain order.</summary>
    public sealed record Found(CopyFinding Finding) : VerifyEvent;

    /// <summary>A manifest that the request names could not be read, so its copies are not known. Everything else goes on.</summary>
    public sealed record Failed(string Subject, Failure Failure) : VerifyEvent;

    /// <summary>The last event, also after a stop.</summary>
    public sealed record Finished(VerifyResult Result) : VerifyEvent;
}

/// <summary>What verifying came to, in numbers.</summary>
public sealed record VerifyResult
{
    /// <summary>Copies that stand and were meant.</summary>
    public long Copies { get; init; }

    /// <summary>Copies that were looked at; one whose place could not be reached is none of them.</summary>
    public long Verified { get; init; }

    /// <summary>Copies by what they turned out to be; a state that did not occur is left out.</summary>
    public IReadOnlyDictionary<CopyState, long> States { get; init; } = new Dictionary<CopyState, long>();

    /// <summary>Manifests that could not be read.</summary>
    public int Failed { get; init; }

    /// <summary>Bytes whose hash was established.</summary>
    public long Bytes { get; init; }

    /// <summary>The number that chose the sample; null when all copies were meant.</summary>
    public int? Seed { get; init; }

    /// <summary>Wall time.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>True when it was stopped before its end.</summary>
    public bool Stopped { get; init; }

    /// <summary>What it comes to.</summary>
    public ExitCode ExitCode { get; init; }

    /// <summary>How many copies turned out so.</summary>
    public long Of(CopyState state) => States.GetValueOrDefault(state);
}
