using Microsoft.Win32.SafeHandles;
using NasSync.Failures;
using NasSync.Planning;
using NasSync.Processes;

namespace NasSync.Transfers;

/// <summary>
/// Carries one artifact to its targets: reads the source once and feeds every copy and the hasher. Each copy goes its own way to its own outcome:
/// one that fails, is slow or does not even answer holds no other back. The source is compared with what the planner saw before the first byte
/// and after the last, by its change time too, so that two versions are never mixed.
/// </summary>
/// <param name="copies">One for each target.</param>
/// <param name="threads">For steps that block their thread.</param>
/// <param name="patience">How long one copy is waited for.</param>
/// <param name="time">The clock.</param>
/// <param name="emit">Told what happens.</param>
internal sealed class TransferSession(
    IReadOnlyList<CopyInProgress> copies, WorkerThreads threads, Patience patience, TimeProvider time, Action<TransferEvent> emit)
{
    private readonly Manifest _manifest = copies[0].Item.Manifest;
    private readonly Artifact _artifact = copies[0].Item.Artifact;
    private readonly ProgressClock _progress = new(time, emit);
    private readonly FileState _planned = copies[0].Item.Source!.Value;

    /// <summary>Refuse a source that has another name too.</summary>
    public bool RefuseHardLinks { get; init; }

    /// <summary>
    /// Carries all copies to their outcome; never throws. After a stop, copies that are not committed have no receipt and no failure.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var copy in copies) emit(new TransferEvent.Started(copy.Item));
            if (copies[0].Item.IsSourceGone)
            {
                // Only what is there already counts as a copy then, and nothing is read.
                foreach (var copy in copies)
                    await ApartAsync(copy, () => copy.BeginAsync(_planned, sparse: false, _progress, cancellationToken)).ConfigureAwait(false);
                return;
            }

            using var folder = SourceFolder.Open(_manifest, RefuseHardLinks);
            using var source = folder.OpenRead(_artifact, out var stat);
            if (stat.State != _planned) throw Changed(stat.State);
            CrashPoint.Reach(CrashPoint.SourceOpened);

            // What is adopted was hashed when it was planned; what is copied is read from now on.
            var adopted = copies.FirstOrDefault(copy => copy.Item.Action == PlanAction.Adopt)?.Item.Sha256;
            var proof = new SourceProof(source, adopted is null ? stat.State : _planned);
            if (adopted is not null) Require(proof, adopted, cancellationToken);
            await CarryAsync(source, proof, stat.IsSparse, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // What has no outcome yet ends below as stopped.
        }
        catch (Exception e)
        {
            // The source failed: every copy that has no outcome of its own shares this one.
            var failure = SystemFailure.FromException(e, "read", _artifact.Path);
            foreach (var copy in copies) await copy.FailAsync(failure).ConfigureAwait(false);
        }
        finally
        {
            foreach (var copy in copies) await copy.EndAsync().ConfigureAwait(false);
        }
    }

    private async Task CarryAsync(SafeFileHandle source, SourceProof proof, bool isSparse, CancellationToken cancellationToken)
    {
        var begins = copies.ToDictionary(
            copy => copy,
            copy => ApartAsync(copy, () => copy.BeginAsync(proof.State, isSparse, _progress, cancellationToken)));
        try
        {
            await AnswersAsync(begins.Values, cancellationToken).ConfigureAwait(false);
            var late = copies.Where(copy => !begins[copy].IsCompleted).ToList();
            var takers = copies.Except(late).Where(copy => copy.IsOpen && copy.TryTake(source)).ToList();
            var fed = copies.Except(takers).Where(copy => copy.IsOpen).ToList();

            // Who needs no bytes, not even for a declared hash, waits for nobody's.
            if (_artifact.Sha256 is null && fed.All(late.Contains))
            {
                Require(proof, null, cancellationToken);
                await CommitAsync(takers, proof, null, cancellationToken).ConfigureAwait(false);
                takers.Clear();
            }

            if (takers.Count + fed.Count > 0)
                await FeedAsync(source, proof, takers, fed.ToDictionary(copy => copy, copy => begins[copy]), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // No session is let go, and the source stays open, while its place still answers.
            await Task.WhenAll(begins.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Done when every place has answered, or when some have and the others had their time.
    private async Task AnswersAsync(IReadOnlyCollection<Task> begins, CancellationToken cancellationToken)
    {
        var all = Task.WhenAll(begins);
        if (all.IsCompleted) return;
        await Task.WhenAny(begins).ConfigureAwait(false);
        try
        {
            await all.WaitAsync(patience.Beginning, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // They read the source by themselves when they answer.
        }
    }

    private async Task FeedAsync(
        SafeFileHandle source,
        SourceProof proof,
        List<CopyInProgress> takers,
        Dictionary<CopyInProgress, Task> fed,
        CancellationToken cancellationToken)
    {
        using var hasher = new BlockHasher();
        var toRead = new SourceToRead(source, _planned.Size, hasher, _progress, patience.Pace, time) { HashIsWanted = takers.Count > 0 };
        var feed = ISourceFeed.Over(toRead, fed, cancellationToken);
        await using (feed.ConfigureAwait(false))
        {
            await feed.ReadAsync().ConfigureAwait(false);
            var sha256 = hasher.Finish();

            // What was taken was not read here: it may be of before a change, and the hash of after it.
            Require(proof, takers.Count > 0 ? null : sha256, cancellationToken);
            RequireDeclared(sha256);
            await Task.WhenAll(fed.Keys.Select(FinishAsync).Append(CommitAsync(takers, proof, sha256, cancellationToken))).ConfigureAwait(false);

            async Task FinishAsync(CopyInProgress copy)
            {
                // What a copy read by itself, later than the others, must be the same version; where only its size is compared nothing else would
                // tell.
                if (await feed.FedAsync(copy).ConfigureAwait(false))
                    Require(proof, copy.Item.Verify == VerifyLevel.Size ? null : sha256, cancellationToken);
                await CommitAsync([copy], proof, sha256, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private Task CommitAsync(IEnumerable<CopyInProgress> done, SourceProof proof, string? sha256, CancellationToken cancellationToken) =>
        Task.WhenAll(done.Where(copy => copy.IsOpen).Select(copy => ApartAsync(
            copy,
            () => copy.CommitAsync(proof.State, sha256, cancellationToken))));

    // Steps that block their thread run side by side with the others'; one copy alone has this thread to itself.
    private Task ApartAsync(CopyInProgress copy, Func<Task> step) => copy.Blocks && copies.Count > 1 ? threads.RunAsync(step) : step();

    private void Require(SourceProof proof, string? sha256, CancellationToken cancellationToken)
    {
        if (!proof.Holds(sha256, cancellationToken)) throw Changed(proof.Now);
    }

    private FailureException Changed(FileState now) => new(new Failure(
        FailureClass.Transient,
        "SourceChanged",
        $"'{_artifact.Path}' changed while it was to be copied ({Difference(now)}); nothing was committed.",
        "Let the producer finish the file before it writes the manifest; the next run tries again."));

    private string Difference(FileState now) => now == _planned
        ? "its size and time are as before, but something was done to it meanwhile"
        : $"{_planned.Size} bytes then, {now.Size} now";

    private void RequireDeclared(string? sha256)
    {
        if (sha256 is null || _artifact.Sha256 is null || _artifact.Sha256 == sha256) return;
        throw new FailureException(new Failure(
            FailureClass.Mismatch,
            SourceFile.MismatchCode,
            $"'{_artifact.Path}' has SHA-256 {sha256}, but its manifest declares {_artifact.Sha256}; it was not sent.",
            "Find out which is right: make the file again, or mend the manifest."));
    }
}
