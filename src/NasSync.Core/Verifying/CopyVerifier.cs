using NasSync.Config;
using NasSync.Destinations;
using NasSync.Failures;
using NasSync.Ledgers;
using NasSync.Planning;
using NasSync.Routing;
using NasSync.Transfers;

namespace NasSync.Verifying;

/// <summary>Checks copies, several at a time, and returns a finding for each. It changes nothing.</summary>
internal sealed class CopyVerifier(
    SyncConfig config, Lanes lanes, Ledger ledger, PlaceEvidence evidence, SourceOfCopy sources, WorkerThreads threads, bool quick, TimeProvider time)
{
    private const int MostLooks = 4;
    private const int MostAttempts = 3;
    private const int PaidAtOnce = 512 * 1024;

    // A run needs much less time than this between renaming a copy and recording it.
    private static readonly TimeSpan RecordedAfter = TimeSpan.FromSeconds(1);
    private readonly RetryPolicy _retry = new(Math.Min(config.Retry.MaxAttempts, MostAttempts), config.Retry.BaseDelay, config.Retry.MaxDelay);

    /// <summary>
    /// The finding for a copy. A run may replace the copy meanwhile, so a copy that differs from its row is compared with the current row.
    /// </summary>
    public async Task<CopyFinding> VerifyAsync(RecordedCopy copy, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var waited = false;
        for (var looks = 1; ; looks++)
        {
            var finding = await LookAsync(copy, cancellationToken).ConfigureAwait(false);
            if (!finding.IsLost || looks == MostLooks) return End(finding);
            var now = ledger.OfJob(copy.JobId).FirstOrDefault(row => IsRowOf(row, copy));
            if (now is null or { SupersededBy: not null })
                return End(Found(copy, CopyState.Superseded, "a run has put another copy in its place meanwhile"));
            if (now != copy)
            {
                copy = now;
                continue;
            }

            // A running sync may have put a new copy there and not recorded it yet.
            if (waited || !WorkLock.SeemsHeld(config.WorkDir)) return End(finding);
            waited = true;
            await Task.Delay(RecordedAfter, time, cancellationToken).ConfigureAwait(false);
        }

        CopyFinding End(CopyFinding finding) => sources.Advise(finding, cancellationToken) with { Elapsed = time.GetElapsedTime(started) };
    }

    // A job may have several copies of an artifact, if later versions did not replace the earlier ones.
    private static bool IsRowOf(RecordedCopy row, RecordedCopy copy) =>
        row.Artifact == copy.Artifact && row.Requested.Key == copy.Requested.Key
        && row.IsFormer == copy.IsFormer && (!row.IsFormer || row.Target == copy.Target);

    private async Task<CopyFinding> LookAsync(RecordedCopy copy, CancellationToken cancellationToken)
    {
        try
        {
            var lane = LaneOf(copy.Target);
            var found = await StatAsync(lane, copy, cancellationToken).ConfigureAwait(false);
            if (found is null)
            {
                if (await evidence.DoubtAsync(lane, copy, cancellationToken).ConfigureAwait(false) is { } doubt) return Refused(copy, doubt);
                found = await StatAsync(lane, copy, cancellationToken).ConfigureAwait(false);
            }

            return found is { } state
                ? await CompareAsync(lane, copy, state, cancellationToken).ConfigureAwait(false)
                : Found(copy, CopyState.Missing, "the place is there, the copy is not");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return Refused(copy, SystemFailure.FromException(e, "verify", copy.Target.Display));
        }
    }

    private Task<FileState?> StatAsync(Lane lane, RecordedCopy copy, CancellationToken cancellationToken) =>
        AskAsync(lane, place => place.StatAsync(copy.Target.RelativePath, cancellationToken).AsTask(), cancellationToken);

    private async Task<CopyFinding> CompareAsync(Lane lane, RecordedCopy copy, FileState state, CancellationToken cancellationToken)
    {
        var receipt = copy.Receipt;
        if (state.Size != receipt.Size)
        {
            var sizes = FormattableString.Invariant($"it has {state.Size} bytes, and had {receipt.Size}");
            return Found(copy, CopyState.Drifted, sizes) with { Found = state };
        }

        var change = ChangeOf(receipt, state);
        if (quick && change is null)
            return Found(copy, CopyState.Present, "size and time are as recorded; the content was not read") with { Found = state };
        if (await HashAsync(lane, copy, cancellationToken).ConfigureAwait(false) is not var (sha256, by))
            return Found(copy, CopyState.Missing, "it went away while it was looked at");

        var wanted = receipt.Sha256 ?? await SourceHashAsync(copy, cancellationToken).ConfigureAwait(false);
        var (verdict, reason) = Judge(receipt, wanted, sha256, change);
        return Found(copy, verdict, reason) with { Found = state, FoundSha256 = sha256, VerifiedBy = by };
    }

    private static (CopyState State, string Reason) Judge(CommitReceipt receipt, string? wanted, string sha256, string? change)
    {
        if (wanted is null) return (CopyState.Unprovable, "the ledger has no hash of it, and no unchanged source is there to compare it with");
        if (SourceFile.SameHash(wanted, sha256))
        {
            if (receipt.Sha256 is null) return (CopyState.Intact, "it has the bytes of its source");
            return change is null ? (CopyState.Intact, "it has the recorded hash") : (CopyState.Touched, $"{change}, and it has the recorded hash");
        }

        if (change is not null) return (CopyState.Drifted, $"{change}, and its content is another one");
        return receipt.Sha256 is null
            ? (CopyState.Damaged, "it differs from its source, which looks unchanged, and the ledger has no hash to say which of the two is right")
            : (CopyState.Damaged, "its content is another one, although size and time are as recorded");
    }

    // Reading over the network counts against the bandwidth limits. It is counted afterwards, because only the result tells whether the server
    // hashed the file itself.
    private async Task<(string Sha256, VerifiedBy By)?> HashAsync(Lane lane, RecordedCopy copy, CancellationToken cancellationToken)
    {
        var path = copy.Target.RelativePath;
        var hash = await AskAsync(lane, place => place.HashAsync(path, cancellationToken).AsTask(), cancellationToken).ConfigureAwait(false);
        if (hash is not { By: not VerifiedBy.ServerHash }) return hash;
        for (var left = copy.Receipt.Size; left > 0; left -= PaidAtOnce)
            await lane.Limits.TakeAsync((int)Math.Min(left, PaidAtOnce), cancellationToken).ConfigureAwait(false);
        return hash;
    }

    // Failures of a place end with "nothing was written", which makes no sense for a verification.
    private static Failure WhileReading(Failure failure) =>
        failure with { Message = failure.Message.Replace("; nothing was written.", ", so nothing is said of the copy.", StringComparison.Ordinal) };

    private Task<string?> SourceHashAsync(RecordedCopy copy, CancellationToken cancellationToken) =>
        threads.RunAsync(() => Task.FromResult(sources.Hash(copy, cancellationToken)));

    private async Task<T> AskAsync<T>(Lane lane, Func<IDestination, Task<T>> question, CancellationToken cancellationToken)
    {
        for (var attempts = 1; ; attempts++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            TimeSpan wait;
            try
            {
                return await lane.AskAsync(question, threads).ConfigureAwait(false);
            }
            catch (FailureException e)
                when (e.Failure.Code != "IoError" && _retry.DelayAfter(e.Failure, attempts, Random.Shared.NextDouble()) is { } delay)
            {
                wait = delay;
            }

            await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
        }
    }

    // The row belongs to the root that was configured then. Under another root a missing file proves nothing.
    private Lane LaneOf(Target target)
    {
        var now = config.Destinations.GetValueOrDefault(target.Destination);
        var root = now is null or LocalDestinationConfig or RsyncDestinationConfig { Target.Length: 0 } ? target.Root : TargetTemplate.RootOf(now);
        if (root.TrimEnd('/') == target.Root.TrimEnd('/')) return lanes.Of(target);
        throw new FailureException(new Failure(
            FailureClass.Config,
            "DestinationMoved",
            $"{target} was copied below {Failure.Quote(target.Root)}, and the configuration now puts {target.Destination} "
                + $"at {Failure.Quote(root)}; nothing is said of the copy.",
            "Give the old place a name of its own in the configuration if it is still in use; a sync brings the files to the new one."));
    }

    private static string? ChangeOf(CommitReceipt receipt, FileState found) => receipt.Target switch
    {
        null => "no time of it was recorded",
        { } then when then.MtimeNs != found.MtimeNs => "its time has changed",
        { } then when !RecordedJob.SameIdentity(then, found) => "it is another file of the same size and time",
        _ => null,
    };

    /// <summary>The finding for a copy that could not be checked.</summary>
    public static CopyFinding Refused(RecordedCopy copy, Failure failure)
    {
        failure = WhileReading(failure);
        var state = failure switch
        {
            { Class: FailureClass.Conflict } => CopyState.Drifted,
            { Code: "IoError" } => CopyState.Unreadable,
            { IsTransient: true } => CopyState.Unreachable,
            { Class: FailureClass.Auth or FailureClass.Config or FailureClass.Bug } => CopyState.Unreachable,
            _ => CopyState.Unreadable,
        };
        return Found(copy, state, failure.Message) with { Failure = failure };
    }

    private static CopyFinding Found(RecordedCopy copy, CopyState state, string reason) => new() { Copy = copy, State = state, Reason = reason };
}
