using NasSync.Processes;

namespace NasSync.Destinations.Rsync;

/// <summary>
/// Sends a set of files in two runs: one sends, one proves. What the second run proves has arrived, whatever the first one's exit code; each file
/// ends with its own receipt or failure.
/// </summary>
internal sealed class RsyncSet(RsyncLink link, RsyncLooks looks, LocalFolder? local, IReadOnlyList<RsyncCopy> copies, TimeProvider time)
{
    // A stopped run may have completed files; this is the time limit for proving them.
    private static readonly TimeSpan LastProof = TimeSpan.FromSeconds(10);
    private readonly Dictionary<string, RsyncCopy> _byPath = copies.ToDictionary(copy => copy.Request.Path.Value, StringComparer.Ordinal);
    private readonly HashSet<RsyncCopy> _sent = [];
    private readonly HashSet<RsyncCopy> _replaced = [];

    /// <summary>Brings all files to their outcome.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var peer = await link.PeerAsync(cancellationToken).ConfigureAwait(false);
        using var box = link.Staging.Open();
        var (creating, replacing) = await SortAsync(cancellationToken).ConfigureAwait(false);
        _replaced.UnionWith(replacing);
        foreach (var copy in creating.Concat(replacing)) Link(box, copy);
        CrashPoint.Reach(CrashPoint.RsyncStaged);
        var stopped = await SendAsync(box, peer, Open(creating), replace: false, cancellationToken).ConfigureAwait(false);
        if (!stopped) stopped = await SendAsync(box, peer, Open(replacing), replace: true, cancellationToken).ConfigureAwait(false);
        CrashPoint.Reach(CrashPoint.RsyncSent);
        if (!stopped)
        {
            await ProveAsync(box, peer, stopped, cancellationToken).ConfigureAwait(false);
            CrashPoint.Reach(CrashPoint.RsyncProven);
            return;
        }

        using var limit = new CancellationTokenSource(LastProof, time);
        await ProveAsync(box, peer, stopped, limit.Token).ConfigureAwait(false);
        foreach (var copy in Open(copies)) copy.Fail(new OperationCanceledException(cancellationToken));
    }

    private static List<RsyncCopy> Open(IEnumerable<RsyncCopy> copies) => [.. copies.Where(copy => !copy.IsDecided)];

    // A file may be replaced only while it is the one that the planner saw; a name that is free by now gets a new file.
    private async Task<(List<RsyncCopy> Creating, List<RsyncCopy> Replacing)> SortAsync(CancellationToken cancellationToken)
    {
        var (creating, replacing) = (new List<RsyncCopy>(), new List<RsyncCopy>());
        var asked = copies.Select(copy => (
            Copy: copy,
            Look: copy.Request.Replaces is null ? null : looks.AtAsync(copy.Request.Path, cancellationToken))).ToList();
        foreach (var (copy, look) in asked)
        {
            try
            {
                local?.Prepare(copy.Request.Path);
                var found = look is null ? null : await look.ConfigureAwait(false);
                if (found is null) creating.Add(copy);
                else if (found.Kind == '-' && found.State == Seen(copy.Request.Replaces!.Value)) replacing.Add(copy);
                else copy.Fail(Taken(copy, found));
            }
            catch (FailureException e)
            {
                copy.Fail(e.Failure);
            }
        }

        return (creating, replacing);
    }

    // The planner's state may come from a more precise source than a listing.
    private static FileState Seen(FileState state) =>
        state with { MtimeNs = state.MtimeNs - (state.MtimeNs % RsyncLooks.SecondNs), Inode = 0, Device = 0 };

    private void Link(RsyncStaging.Box box, RsyncCopy copy)
    {
        try
        {
            box.Link(copy.Request.Path, copy.File);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            copy.Fail(Failures.SystemFailure.FromException(e, "stage", link.Shown(copy.Request.Path)));
        }
    }

    // True when the run was stopped.
    private async Task<bool> SendAsync(
        RsyncStaging.Box box,
        RsyncPeer peer,
        List<RsyncCopy> sending,
        bool replace,
        CancellationToken cancellationToken)
    {
        if (sending.Count == 0) return false;
        RsyncCopy? current = null;
        var arguments = link.Flags.Send(
            peer,
            replace,
            sending.Exists(copy => copy.Request.Sparse),
            box.Tree,
            box.List(sending.Select(copy => copy.Request.Path.Value)));
        var exit = await link.RunUntilStoppedAsync(arguments, Take, cancellationToken).ConfigureAwait(false);
        if (exit.Stopped) return true;
        var errors = await link.ErrorsOfAsync(exit, box, cancellationToken).ConfigureAwait(false);
        var isExplained = !errors.SaysMoreThan([.. sending.Select(copy => copy.Request.Path)]);
        foreach (var copy in sending)
        {
            var own = errors.Of(copy.Request.Path, "write", link.Shown(copy.Request.Path));
            if (own is not null && !_sent.Contains(copy)) copy.Fail(own);
            else if (own is not null) _own[copy] = own;
            else if (!RsyncFailure.IsComplete(exit.ExitCode) || !(isExplained || _sent.Contains(copy))) _own[copy] = link.WhyNot(exit, "write");
            else if (!_sent.Contains(copy)) copy.Fail(await WhyTakenAsync(copy, cancellationToken).ConfigureAwait(false));
            if (!_sent.Contains(copy) && _own.TryGetValue(copy, out var failure)) copy.Fail(failure);
        }

        return false;

        void Take(string text)
        {
            if (RsyncText.Item(text) is { } line && _byPath.TryGetValue(line.Name, out var begun))
            {
                current = begun;
                _sent.Add(begun);
            }
            else if (RsyncText.Progress(text) is { } bytes)
            {
                current?.Request.Sent?.Invoke(bytes);
            }
        }
    }

    // Failures that the sending run reported for files it had begun to send.
    private readonly Dictionary<RsyncCopy, Failure> _own = [];

    private async Task ProveAsync(RsyncStaging.Box box, RsyncPeer peer, bool stopped, CancellationToken cancellationToken)
    {
        var open = Open(_sent);
        var durability = peer.Fsync ? Durability.ServerAcknowledged : Durability.Cached;
        if (local is not null) durability = local.MakeDurable(open.Select(copy => copy.Request.Path)) ? Durability.Fsynced : Durability.Cached;
        foreach (var level in open.GroupBy(copy => copy.Request.Verify))
        {
            var proof = new RsyncProof(link, looks, box, [.. level], durability, time) { Own = _own, Replaced = _replaced, Stopped = stopped };
            await (level.Key == VerifyLevel.Readback
                ? proof.ByFetchingAsync(cancellationToken)
                : proof.ByComparingAsync(level.Key == VerifyLevel.Checksum, cancellationToken)).ConfigureAwait(false);
        }
    }

    // A listing shows only files, so a plan made from one does not see a folder or a link.
    private async Task<Failure> WhyTakenAsync(RsyncCopy copy, CancellationToken cancellationToken)
    {
        try
        {
            return Taken(copy, await looks.AtAsync(copy.Request.Path, cancellationToken).ConfigureAwait(false));
        }
        catch (FailureException)
        {
            return Taken(copy, null);
        }
    }

    private Failure Taken(RsyncCopy copy, ListLine? found) => found is { Kind: not '-' } ? RsyncLooks.NotAFile(link.Shown(copy.Request.Path)) : new(
        FailureClass.Conflict,
        "TargetChanged",
        $"{Failure.Quote(link.Shown(copy.Request.Path))} was made or changed by someone else while the copy was on its way; it was left as it is.",
        "Nothing to do: a watcher or the next run plans it again, sees the other file and follows the route's onConflict.");
}
