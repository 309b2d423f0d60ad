namespace NasSync.Failures;

/// <summary>
/// Computes the delay before a retry, with full jitter, so that many clients that failed together do not retry together. Pure: the caller supplies
/// the random number and does the waiting.
/// </summary>
/// <param name="MaxAttempts">Attempts in total.</param>
/// <param name="BaseDelay">The upper bound of the first delay; it doubles with each attempt.</param>
/// <param name="MaxDelay">The upper bound of every delay.</param>
internal sealed record RetryPolicy(int MaxAttempts, TimeSpan BaseDelay, TimeSpan MaxDelay)
{
    /// <summary>The delay before the next attempt in the same run; null when a retry would not help or all attempts are used up.</summary>
    /// <param name="failure">The failure.</param>
    /// <param name="attempts">Attempts so far, at least 1.</param>
    /// <param name="chance">A random number from 0 to 1.</param>
    public TimeSpan? DelayAfter(Failure failure, int attempts, double chance)
    {
        // A full or missing place does not recover within minutes, and a changed source or target needs a new plan: leave those to the next run.
        if (failure.Class is not (FailureClass.Transient or FailureClass.Throttled)
            || failure.Code is "SourceChanged" or Failure.TargetChanged or "Stopped")
            return null;
        if (attempts >= MaxAttempts) return null;
        return Delay(failure, attempts, chance);
    }

    /// <summary>The delay before a later run may try again; null when someone must act first.</summary>
    /// <param name="failure">The failure.</param>
    /// <param name="runs">Runs in which the item failed so far, at least 1.</param>
    /// <param name="chance">A random number from 0 to 1.</param>
    public TimeSpan? DelayToNextRun(Failure failure, int runs, double chance) => failure.IsTransient ? Delay(failure, runs, chance) : null;

    private TimeSpan Delay(Failure failure, int attempts, double chance)
    {
        var bound = Math.Min(MaxDelay.TotalSeconds, BaseDelay.TotalSeconds * Math.Pow(2, Math.Min(attempts - 1, 30)));
        var delay = TimeSpan.FromSeconds(bound * Math.Clamp(chance, 0, 1));
        // Retry-After takes precedence, even over MaxDelay.
        return failure.RetryAfter is { } asked && asked > delay ? asked : delay;
    }
}
