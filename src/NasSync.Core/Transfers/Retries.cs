using System.Collections.Concurrent;
using NasSync.Config;
using NasSync.Failures;

namespace NasSync.Transfers;

/// <summary>Decides which items of a run are tried again, and when.</summary>
internal sealed class Retries(RetryConfig config)
{
    // The least progress that counts. Less may come from bytes that one attempt left unconfirmed.
    private const long WorthATry = 1024 * 1024;

    // A short delay, so that all copies of a broken connection do not come back at the same moment.
    private static readonly TimeSpan AlmostAtOnce = TimeSpan.FromMilliseconds(500);
    private readonly RetryPolicy _policy = new(config.MaxAttempts, config.BaseDelay, config.MaxDelay);
    private readonly RetryPolicy _afterProgress = new(
        config.MaxAttempts,
        config.BaseDelay < AlmostAtOnce ? config.BaseDelay : AlmostAtOnce,
        config.MaxDelay);
    private readonly ConcurrentDictionary<PlanItem, Tries> _tries = new(ReferenceEqualityComparer.Instance as IEqualityComparer<PlanItem>);

    /// <summary>When a later run may try again; null when someone must act first.</summary>
    public DateTimeOffset? NextRun(RecordedFailure failure) =>
        _policy.DelayToNextRun(failure.Failure, failure.Attempts, Random.Shared.NextDouble()) is { } delay ? failure.LastAt + delay : null;

    /// <summary>Removes the attempts of an item that has its outcome.</summary>
    public void Forget(PlanItem item) => _tries.TryRemove(item, out _);

    /// <summary>
    /// The delay before the item is tried again; null when it is not. The count of attempts starts again when the file has made progress, so a line
    /// that breaks again and again still completes a large file; the file's size limits how often that can happen. The first attempt after progress
    /// comes almost at once, since the place has just accepted bytes.
    /// </summary>
    /// <param name="item">The item.</param>
    /// <param name="failure">The failure.</param>
    /// <param name="resumedAt">The offset at which this attempt resumed.</param>
    public TimeSpan? DelayAfter(PlanItem item, Failure failure, long resumedAt)
    {
        var tries = _tries.AddOrUpdate(
            item,
            new Tries(1, resumedAt, CameFarther: false),
            (_, before) => resumedAt - before.From >= WorthATry
                ? new Tries(1, resumedAt, CameFarther: true)
                : before with { Count = before.Count + 1, CameFarther = false });

        // A throttling server gets the full delay, even after progress.
        var isNear = tries.CameFarther && failure.Class == FailureClass.Transient;
        return (isNear ? _afterProgress : _policy).DelayAfter(failure, tries.Count, Random.Shared.NextDouble());
    }

    private sealed record Tries(int Count, long From, bool CameFarther);
}
