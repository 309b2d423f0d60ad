using System.Collections.Concurrent;
using NasSync.Config;
using NasSync.Failures;

namespace NasSync.Transfers;

/// <summary>Which items of a run are tried again, and when.</summary>
internal sealed class Retries(RetryConfig config)
{
    // Less may be what one try left unconfirmed and the next did not.
    private const long WorthATry = 1024 * 1024;

    // Not at once: the copies that a connection took with it should not all come back at the same moment.
    private static readonly TimeSpan AlmostAtOnce = TimeSpan.FromMilliseconds(500);
    private readonly RetryPolicy _policy = new(config.MaxAttempts, config.BaseDelay, config.MaxDelay);
    private readonly RetryPolicy _afterProgress = new(
        config.MaxAttempts,
        config.BaseDelay < AlmostAtOnce ? config.BaseDelay : AlmostAtOnce,
        config.MaxDelay);
    private readonly ConcurrentDictionary<PlanItem, Tries> _tries = new(ReferenceEqualityComparer.Instance as IEqualityComparer<PlanItem>);

    /// <summary>When a later run may try again; null when it must wait for someone.</summary>
    public DateTimeOffset? NextRun(RecordedFailure failure) =>
        _policy.DelayToNextRun(failure.Failure, failure.Attempts, Random.Shared.NextDouble()) is { } delay ? failure.LastAt + delay : null;

    /// <summary>The item has its outcome.</summary>
    public void Forget(PlanItem item) => _tries.TryRemove(item, out _);

    /// <summary>
    /// How long to wait before the item is tried again; null when it is not. Tries are counted anew when the file was found to have come farther: a
    /// line that breaks again and again brings a large file to its end all the same, and its size bounds how often that can be. The first of these
    /// comes almost at once, since the place has just been seen to take bytes.
    /// </summary>
    /// <param name="item">The item.</param>
    /// <param name="failure">Why it failed.</param>
    /// <param name="resumedAt">Where this try went on.</param>
    public TimeSpan? DelayAfter(PlanItem item, Failure failure, long resumedAt)
    {
        var tries = _tries.AddOrUpdate(
            item,
            new Tries(1, resumedAt, CameFarther: false),
            (_, before) => resumedAt - before.From >= WorthATry
                ? new Tries(1, resumedAt, CameFarther: true)
                : before with { Count = before.Count + 1, CameFarther = false });

        // Who asks for fewer requests gets them, whatever it took.
        var isNear = tries.CameFarther && failure.Class == FailureClass.Transient;
        return (isNear ? _afterProgress : _policy).DelayAfter(failure, tries.Count, Random.Shared.NextDouble());
    }

    private sealed record Tries(int Count, long From, bool CameFarther);
}
