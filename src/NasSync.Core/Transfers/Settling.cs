using System.Globalization;
using NasSync.Config;
using NasSync.Failures;
using NasSync.Planning;

namespace NasSync.Transfers;

/// <summary>
/// Holds back sources that may still be written. A source is finished if its manifest declares its size or was written after it, since producers
/// write the manifest last. Any other source is checked again after <see cref="SyncConfig.Settle"/>, and copied only if it has not changed. Nothing
/// else waits meanwhile: the planner continues, and returns to the source when it is due. Times are those of the monotonic clock.
/// </summary>
internal sealed class Settling(SyncConfig config, TimeProvider time)
{
    /// <summary>The code of the failure when a source keeps changing.</summary>
    public const string ChangingCode = "SourceChanging";

    private readonly PriorityQueue<Unsettled, long> _waiting = new();

    /// <summary>The time until the next check; zero or less when it is due, null when nothing waits.</summary>
    public TimeSpan? UntilNext => _waiting.TryPeek(out var next, out _) ? config.Settle - time.GetElapsedTime(next.LookedAt) : null;

    /// <summary>Holds back the items of one artifact if its source may still be written.</summary>
    /// <param name="items">All items of the artifact.</param>
    /// <param name="world">Reads the state of sources.</param>
    /// <param name="planAgain">Plans the items again, if the source has changed by the time it has settled.</param>
    /// <returns>False when the items can be executed now.</returns>
    public bool Holds(IReadOnlyList<PlanItem> items, Observations world, Func<IReadOnlyList<PlanItem>> planAgain)
    {
        if (config.Settle <= TimeSpan.Zero || !items.Any(IsAboutContent)) return false;
        var (manifest, artifact) = (items[0].Manifest, items[0].Artifact);
        var planned = items.Select(item => item.Source).FirstOrDefault(source => source is not null);
        if ((planned ?? Look(world, manifest, artifact)) is not { } state || IsFinished(world, items, state)) return false;
        var now = time.GetTimestamp();
        Wait(new Unsettled(items, planned, world, planAgain, state, now, now));
        return true;
    }

    /// <summary>Checks the source that is due next.</summary>
    /// <returns>Its items: planned again if it has changed, refused if it still changes after the time-out. Null when it must wait longer.</returns>
    public IReadOnlyList<PlanItem>? LookAgain()
    {
        var unsettled = _waiting.Dequeue();
        try
        {
            return LookAgain(unsettled);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // An error with one artifact must not end the run.
            var failure = SystemFailure.FromException(e, "read", unsettled.Items[0].Artifact.Path);
            return [.. unsettled.Items.Select(item => item with { Action = PlanAction.Refuse, Reason = failure.Message, Failure = failure })];
        }
    }

    private IReadOnlyList<PlanItem>? LookAgain(Unsettled unsettled)
    {
        var (first, now) = (unsettled.Items[0], time.GetTimestamp());
        var state = Look(unsettled.World, first.Manifest, first.Artifact);
        if (state is { } same && same == unsettled.Planned && !same.IsTouchedSince(unsettled.State)) return unsettled.Items;

        // The source is gone, or differs from the plan but has settled: plan again.
        if (state is not { } seen || seen == unsettled.State) return unsettled.PlanAgain();
        if (time.GetElapsedTime(unsettled.Since, now) >= config.SettleTimeout)
            return [.. unsettled.Items.Select(item => IsAboutContent(item) ? StillChanging(item, seen) : item)];
        Wait(unsettled with { State = seen, LookedAt = now });
        return null;
    }

    private void Wait(Unsettled unsettled) => _waiting.Enqueue(unsettled, unsettled.LookedAt);

    // A file whose size differs from the declared one may still be growing, so this failure waits too.
    private static bool IsAboutContent(PlanItem item) =>
        item.Action is PlanAction.Copy or PlanAction.Adopt || item.Failure?.Code == SourceFile.MismatchCode;

    // A file that is older than its manifest may still be written. So if `settle` is configured, it must pass before a source is removed.
    private bool IsFinished(Observations world, IReadOnlyList<PlanItem> items, FileState state)
    {
        if (items[0].Artifact.Size == state.Size) return true;
        var mustRest = config.IsSettleGiven && items[0].Artifact.Sha256 is null && items.Any(item => item.Release == ReleasePolicy.Delete);
        return !mustRest && state.MtimeNs <= world.ManifestMtimeNs(items[0].Manifest);
    }

    private static FileState? Look(Observations world, Manifest manifest, Artifact artifact)
    {
        try
        {
            return world.Source(manifest, artifact);
        }
        catch (FailureException)
        {
            return null;
        }
    }

    private PlanItem StillChanging(PlanItem item, FileState seen)
    {
        var failure = new Failure(
            FailureClass.Transient,
            ChangingCode,
            string.Create(
                CultureInfo.InvariantCulture,
                $"'{item.Artifact.Path}' of job '{item.JobId}' was still changing after "
                    + $"{config.SettleTimeout.TotalSeconds:0.#} s ({seen.Size} bytes at the last look); it was not sent."),
            "Let the producer finish a file before it writes the manifest, or declare the size there; the next run looks again.");
        return item with { Action = PlanAction.Refuse, Reason = failure.Message, Failure = failure, Source = seen };
    }

    private sealed record Unsettled(
        IReadOnlyList<PlanItem> Items,
        FileState? Planned,
        Observations World,
        Func<IReadOnlyList<PlanItem>> PlanAgain,
        FileState State,
        long Since,
        long LookedAt);
}
