using System.Collections.Concurrent;
using NasSync.Config;
using NasSync.Failures;

namespace NasSync.Transfers;

/// <summary>Which items of a run are tried again, and when.</summary>
internal sealed class Retries(RetryConfig config)
{
    private readonly RetryPolicy _policy = new(config.MaxAttempts, config.BaseDelay, config.MaxDelay);
    private readonly ConcurrentDictionary<PlanItem, int> _attempts = new(ReferenceEqualityComparer.Instance as IEqualityComparer<PlanItem>);

    /// <summary>How long to wait before the item is tried again; null when it is not.</summary>
    public TimeSpan? DelayAfter(PlanItem item, Failure failure)
    {
        var attempts = _attempts.AddOrUpdate(item, 1, (_, before) => before + 1);
        return _policy.DelayAfter(failure, attempts, Random.Shared.NextDouble());
    }
}
