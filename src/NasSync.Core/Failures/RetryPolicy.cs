namespace NasSync.Failures;

/// <summary>
/// How long to wait before a failure is tried again: full jitter, so that many clients that failed together do not come back together. Pure:
/// the caller brings the chance and does the waiting.
/// </summary>
/// <param name="MaxAttempts">Tries in all.</param>
/// <param name="BaseDelay">The upper bound of the first delay; it doubles with each try.</param>
/// <param name="MaxDelay">The upper bound of every delay.</param>
internal sealed record RetryPolicy(int MaxAttempts, TimeSpan BaseDelay, TimeSpan MaxDelay)
{
    /// <summary>The delay before the next try in the same run; null when there is none, because it would not help or all are used up.</summary>
    /// <param name="failure">What happened.</param>
    /// <param name="attempts">Tries so far, at least 1.</param>
    /// <param name="chance">From 0 to 1.</param>
    public TimeSpan? DelayAfter(Failure failure, int attempts, double chance)
    {
        // A full or missing place does not mend itself in minutes, and a changed source or target needs a new plan: those wait for the next run.
        if (failure.Class is not (FailureClass.Transient or FailureClass.Throttled)
            || failure.Code is "SourceChanged" or Failure.TargetChanged or "Stopped")
            return null;
        if (attempts >= MaxAttempts) return null;
        return Delay(failure, attempts, chance);
    }

    /// <summary>The delay before a later run may try again; null when only someone's help would do.</summary>
    /// <param name="failure">What happened.</param>
    /// <param name="runs">Runs that failed at it so far, at least 1.</param>
    /// <param name="chance">From 0 to 1.</param>
    public TimeSpan? DelayToNextRun(Failure failure, int runs, double chance) => failure.IsTransient ? Delay(failure, runs, chance) : null;

    private TimeSpan Delay(Failure failure, int attempts, double chance)
    {
        var bound = Math.Min(MaxDelay.TotalSeconds, BaseDelay.TotalSeconds * Math.Pow(2, Math.Min(attempts - 1, 30)));
        var delay = TimeSpan.FromSeconds(bound * Math.Clamp(chance, 0, 1));
        // Who asks for patience gets it, even beyond the bound.
        return failure.RetryAfter is { } asked && asked > delay ? asked : delay;
    }
}
