using NasSync.Files;

namespace NasSync.Destinations.Rsync;

/// <summary>Finds out which files of a set have arrived; gives those their receipts and the others their failures.</summary>
internal sealed class RsyncProof(
    RsyncLink link,
    RsyncLooks looks,
    RsyncStaging.Box box,
    IReadOnlyList<RsyncCopy> copies,
    Durability durability,
    TimeProvider time)
{
    /// <summary>Failures that the sending run reported for single files; they apply to files that are not proven.</summary>
    public required IReadOnlyDictionary<RsyncCopy, Failure> Own { get; init; }

    /// <summary>The copies that replaced another file.</summary>
    public required IReadOnlySet<RsyncCopy> Replaced { get; init; }

    /// <summary>Whether the sending run was stopped: then an unproven copy has not failed and stays undecided.</summary>
    public bool Stopped { get; init; }

    /// <summary>Lets both sides compare the files, by checksum of the content or by size only.</summary>
    public async Task ByComparingAsync(bool checksum, CancellationToken cancellationToken)
    {
        var lines = new Dictionary<string, ItemLine>(StringComparer.Ordinal);
        var list = box.List(copies.Select(copy => copy.Request.Path.Value));
        var exit = await link.RunAsync(
            link.Flags.Compare(checksum, copies.Max(copy => copy.Request.Size), box.Tree, list),
            Take,
            cancellationToken).ConfigureAwait(false);
        var errors = await link.ErrorsOfAsync(exit, box, cancellationToken).ConfigureAwait(false);
        var (damaged, changed) = (new List<RsyncCopy>(), new List<RsyncCopy>());
        foreach (var copy in copies)
        {
            var line = lines.GetValueOrDefault(copy.Request.Path.Value);
            if (line is { IsSame: true } && !copy.IsUnchanged(cancellationToken)) changed.Add(copy);
            else if (line is { IsSame: true })
                await ArrivedAsync(
                    copy,
                    checksum ? VerifiedBy.ServerHash : VerifiedBy.SizeOnly,
                    line.HasOtherTime,
                    cancellationToken).ConfigureAwait(false);
            else if (line is { IsMissing: false, IsFile: true }) damaged.Add(copy);
            else Unproven(copy, () => Missing(copy, exit, errors));
        }

        await DiscardAsync(damaged, ReplacedDamaged, Corrupt, cancellationToken).ConfigureAwait(false);
        await DiscardAsync(changed, LeftChanged, SourceChanged, cancellationToken).ConfigureAwait(false);

        void Take(string text)
        {
            if (RsyncText.Item(text) is { } line) lines[line.Name] = line;
        }
    }

    /// <summary>Fetches every file and compares its SHA-256.</summary>
    public async Task ByFetchingAsync(CancellationToken cancellationToken)
    {
        using var into = link.Staging.Open();
        var (exit, errors) = await link.FetchAsync(copies.Select(copy => copy.Request.Path), into, cancellationToken).ConfigureAwait(false);
        var (damaged, changed) = (new List<RsyncCopy>(), new List<RsyncCopy>());
        foreach (var copy in copies)
        {
            if (Fetched(link.FetchedAt(into, copy.Request.Path), cancellationToken) is not { } found)
                Unproven(copy, () => Missing(copy, exit, errors));
            else if (found.Sha256 != copy.Sha256) damaged.Add(copy);
            else if (!copy.IsUnchanged(cancellationToken)) changed.Add(copy);
            else
                await ArrivedAsync(
                    copy,
                    VerifiedBy.ReadBack,
                    found.State.MtimeNs / RsyncLooks.SecondNs != copy.Arrived.MtimeNs / RsyncLooks.SecondNs,
                    cancellationToken).ConfigureAwait(false);
        }

        await DiscardAsync(damaged, ReplacedDamaged, Corrupt, cancellationToken).ConfigureAwait(false);
        await DiscardAsync(changed, LeftChanged, SourceChanged, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Hash and state of a fetched file; null when it did not arrive.</summary>
    public static (string Sha256, FileState State)? Fetched(string path, CancellationToken cancellationToken)
    {
        try
        {
            using var file = File.OpenHandle(path);
            return (FileHash.Of(file, cancellationToken), OpenFiles.Stat(file).State);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    // Removes a new file that is not the source, unless someone has changed it since. A file that replaced another one stays, because a damaged file
    // may be more useful than none.
    private async Task DiscardAsync(
        List<RsyncCopy> damaged, Func<RsyncCopy, Failure> replaced, Func<RsyncCopy, string, Failure> because, CancellationToken cancellationToken)
    {
        foreach (var copy in damaged.Where(Replaced.Contains)) Unproven(copy, () => replaced(copy));
        var made = damaged.Where(copy => !Replaced.Contains(copy)).ToList();
        if (made.Count == 0) return;
        try
        {
            var found = await Task.WhenAll(made.Select(copy => looks.AtAsync(copy.Request.Path, cancellationToken))).ConfigureAwait(false);
            var ours = made.Where((copy, i) => found[i] is { Kind: '-' } line && line.State == copy.Arrived).ToList();
            foreach (var copy in made.Except(ours)) Unproven(copy, () => because(copy, "it was changed meanwhile and was left there"));
            if (ours.Count == 0) return;
            var (exit, errors) = await link.RemoveAsync([.. ours.Select(copy => copy.Request.Path)], cancellationToken).ConfigureAwait(false);
            foreach (var copy in ours)
            {
                var why = errors.Of(copy.Request.Path, "remove", link.Shown(copy.Request.Path))
                    ?? (RsyncFailure.IsComplete(exit.ExitCode) ? null : link.WhyNot(exit, "remove"));
                Unproven(copy, () => because(copy, why is null ? "it was removed" : $"it could not be removed ({why.Message.TrimEnd('.')})"));
            }
        }
        catch (FailureException e)
        {
            foreach (var copy in made) Unproven(copy, () => because(copy, $"it could not be removed ({e.Failure.Message.TrimEnd('.')})"));
        }
    }

    private void Unproven(RsyncCopy copy, Func<Failure> failure)
    {
        if (!Stopped) copy.Fail(Own.GetValueOrDefault(copy) ?? failure());
    }

    private async Task ArrivedAsync(RsyncCopy copy, VerifiedBy by, bool otherTime, CancellationToken cancellationToken)
    {
        // Only a time that the target did not keep must be queried.
        var target = otherTime ? await looks.FileAsync(copy.Request.Path, cancellationToken).ConfigureAwait(false) : copy.Arrived;
        copy.Succeed(new CommitReceipt
        {
            Size = copy.Request.Size,
            Sha256 = copy.Sha256,
            VerifiedBy = by,
            Durability = durability,
            CommittedAt = time.GetUtcNow(),
            Target = target,
            MtimeKept = !otherTime,
        });
    }

    private Failure Missing(RsyncCopy copy, RsyncExit exit, RsyncErrors errors) =>
        errors.Of(copy.Request.Path, "check", link.Shown(copy.Request.Path))
        ?? (RsyncFailure.IsComplete(exit.ExitCode)
            ? new Failure(
                FailureClass.Transient,
                "NotArrived",
                $"{Failure.Quote(link.Shown(copy.Request.Path))} is not there although it was sent.",
                "It is tried again; if it stays, look at the target's disk and log.")
            : link.WhyNot(exit, "check"));

    private Failure Corrupt(RsyncCopy copy, string outcome) => new(
        FailureClass.Transient,
        "CopyCorrupt",
        $"The copy at {Failure.Quote(link.Shown(copy.Request.Path))} is not the source: its content is another one; {outcome}.",
        "The next run copies again; if it happens twice, test the disk, the memory and the network of the destination.");

    private Failure LeftChanged(RsyncCopy copy) => SourceChanged(copy, "it was left there, since the former file is gone");

    private Failure SourceChanged(RsyncCopy copy, string outcome) => new(
        FailureClass.Transient,
        "SourceChanged",
        $"The source of {Failure.Quote(link.Shown(copy.Request.Path))} changed while it was sent; what arrived is not recorded: {outcome}.",
        "Let the producer finish the file before it writes the manifest; the next run tries again.");

    private Failure ReplacedDamaged(RsyncCopy copy) => new(
        FailureClass.Mismatch,
        "ReplacedDamaged",
        $"{Failure.Quote(link.Shown(copy.Request.Path))} was replaced, and what stands there now is not the source: its "
            + "content is another one; it was left there, since the former file is gone.",
        "Remove it and run again, or bring the former file back from a backup; if it happens twice, test the destination's disks.");
}
