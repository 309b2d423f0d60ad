using Microsoft.Win32.SafeHandles;
using NasSync.Failures;
using NasSync.Planning;
using NasSync.Processes;

namespace NasSync.Transfers;

/// <summary>
/// Copies one artifact to its targets: reads the source once and feeds every copy and the hasher. Each copy has its own outcome: a copy that fails,
/// is slow or does not answer delays no other. Before the first byte and after the last, the source is compared with the planned state, including
/// its change time (ctime), so that two versions are never mixed.
/// </summary>
/// <param name="copies">One for each target.</param>
/// <param name="threads">The threads for blocking steps.</param>
/// <param name="patience">The limits on waiting for one copy.</param>
/// <param name="time">The clock.</param>
/// <param name="emit">Called with each event.</param>
internal sealed class TransferSession(
    IReadOnlyList<CopyInProgress> copies, WorkerThreads threads, Patience patience, TimeProvider time, Action<TransferEvent> emit)
{
    private readonly Manifest _manifest = copies[0].Item.Manifest;
    private readonly Artifact _artifact = copies[0].Item.Artifact;
    private readonly ProgressClock _progress = new(time, emit);
    private readonly FileState _planned = copies[0].Item.Source!.Value;

    /// <summary>Whether to refuse a source that has another name too (a hard link).</summary>
    public bool RefuseHardLinks { get; init; }

    /// <summary>
    /// Runs all copies to their outcomes; never throws. After a stop, uncommitted copies have neither receipt nor failure.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var copy in copies) emit(new TransferEvent.Started(copy.Item));
            if (copies[0].Item.IsSourceGone)
            {
                // Without a source, only an existing file can be adopted as a copy, and nothing is read.
                foreach (var copy in copies)
                    await ApartAsync(copy, () => copy.BeginAsync(_planned, sparse: false, _progress, cancellationToken)).ConfigureAwait(false);
                return;
            }

            using var folder = SourceFolder.Open(_manifest, RefuseHardLinks);
            using var source = folder.OpenRead(_artifact, out var stat);
            if (stat.State != _planned) throw Changed(stat.State);
            CrashPoint.Reach(CrashPoint.SourceOpened);

            // An adopted file was compared with the source's hash at planning, so the source must not have changed since then. For copies it is
            // enough that the source does not change from now on.
            var adopted = copies.FirstOrDefault(copy => copy.Item.Action == PlanAction.Adopt)?.Item.Sha256;
            var proof = new SourceProof(source, adopted is null ? stat.State : _planned);
            if (adopted is not null) Require(proof, adopted, cancellationToken);
            await CarryAsync(source, proof, stat.IsSparse, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Copies without an outcome end below as stopped.
        }
        catch (Exception e)
        {
            // The source failed, so every copy without an outcome gets this failure.
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

            // If no copy is ready for blocks and no declared hash must be checked, nothing has to be read: the copies that took the source itself are
            // committed now, without waiting for a late one.
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
            // Wait for every place to answer before sessions and the source are closed.
            await Task.WhenAll(begins.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Completes when every place has answered, or when one has answered and the wait for the others is over.
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
            // A late copy reads the source itself when its place answers.
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

            // A copy that took the source itself may have the content from before a change, and the hash that from after it. So with such copies, the
            // hash cannot prove the source unchanged.
            Require(proof, takers.Count > 0 ? null : sha256, cancellationToken);
            RequireDeclared(sha256);
            await Task.WhenAll(fed.Keys.Select(FinishAsync).Append(CommitAsync(takers, proof, sha256, cancellationToken))).ConfigureAwait(false);

            async Task FinishAsync(CopyInProgress copy)
            {
                // A slow copy read a part of the source later than the others, so prove again that the source is the same version. If only the copy's
                // size is verified, no hash would detect a change, so any touch counts.
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

    // Blocking steps of several copies run in parallel, on separate threads; a single copy uses the current thread.
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
            "Find out which is right: make the file again, or correct the manifest."));
    }
}
