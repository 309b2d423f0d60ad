using System.Collections.Concurrent;
using NasSync.Config;
using NasSync.Failures;

namespace NasSync.Transfers;

/// <summary>Which items of a run are tried again, and when.</summary>
internal sealed class Retries(RetryConfig config)
{
    private readonly RetryPolicy _policy = new(config.MaxAttempts, config.BaseDelay, config.MaxDelay);
    private readonly ConcurrentDictionary<PlanItem, int> _attempts = new(ReferenceEqualityComparer.Instance as IEqualityComparer<PlanItem>);

    /// <summary>When a later run may try again; null when it must wait for someone.</summary>
    public DateTimeOffset? NextRun(RecordedFailure failure) =>
        _policy.DelayToNextRun(failure.Failure, failure.Attempts, Random.Shared.NextDouble()) is { } delay ? failure.LastAt + delay : null;

    /// <summary>The item has its outcome.</summary>
    public void Forget(PlanItem item) => _attempts.TryRemove(item, out _);

    /// <summary>How long to wait before the item is tried again; null when it is not.</summary>
    public TimeSpan? DelayAfter(PlanItem item, Failure failure)
    {
        var attempts = _attempts.AddOrUpdate(item, 1, (_, before) => before + 1);
        return _policy.DelayAfter(failure, attempts, Random.Shared.NextDouble());
    }
}
