namespace NasSync.Planning;

/// <summary>
/// Plans an artifact whose source is missing. After a release this is expected, and the ledger's row proves it, provided that the row matches what
/// the manifest declares. A lost or restored ledger does not know of the release: then the copy itself is examined and adopted if it has the declared
/// content.
/// </summary>
/// <param name="manifest">The manifest.</param>
/// <param name="world">The observations.</param>
/// <param name="force">Examine the copy even if the ledger knows of the release.</param>
/// <param name="isFree">Whether a target belongs to no other item or job.</param>
internal sealed class GoneSource(Manifest manifest, IObservations world, bool force, Func<Wish, Target, bool> isFree)
{
    /// <summary>The failure code when nothing tells whether the source was released.</summary>
    public const string UnprovenCode = "SourceGoneUnproven";

    /// <summary>The code of the failure where the source was released and the copy is lost.</summary>
    public const string LostCode = "ReleasedCopyLost";

    /// <summary>Plans the item of a wish.</summary>
    /// <param name="wish">The wish.</param>
    /// <param name="row">The wish's row in the ledger.</param>
    /// <param name="gone">The exception that reported the source missing.</param>
    /// <exception cref="FailureException">Nothing proves that the source was released.</exception>
    public PlanItem Plan(Wish wish, RecordedCopy? row, FailureException gone)
    {
        var own = row is { SupersededBy: null } ? row : null;
        if (row is { SupersededBy: { } by, ReleasedAt: not null } && by != manifest.JobId)
            return Item(wish, PlanAction.Skip, $"the source was released, its copy was replaced by job {by}", row.Target);
        var elsewhere = row?.ReleasedAt is null && gone.Failure.Code == SourceFile.GoneCode ? ReleasedElsewhere(wish) : [];
        if (row?.ReleasedAt is null && elsewhere.Count == 0 && wish.Release != ReleasePolicy.Delete) throw gone;
        if (own is not null && IsDeclared(wish, own) && Stands(own) && RecordedJob.Satisfies(own.Receipt.VerifiedBy, wish.Verify))
            return Item(wish, PlanAction.Unchanged, $"the source was released, the copy stands {RecordedJob.Since(own)}", own.Target) with
            {
                Sha256 = own.Receipt.Sha256,
                IsAdopted = own.IsAdopted,
                IsSourceGone = own.ReleasedAt is null,
            };
        if (Found(wish, own, (own ?? elsewhere.FirstOrDefault())?.Receipt) is { } found) return found;
        if (elsewhere.Count > 0) throw new FailureException(NotHere(wish, elsewhere));
        if (own is not null && !IsDeclared(wish, own)) throw new FailureException(Another(wish, own, gone.Failure));
        if (own is { ReleasedAt: { } released }) throw new FailureException(Lost(wish, own, released));
        var isProvable = own?.ReleasedAt is not null || wish.Artifact is { Size: not null, Sha256: not null };
        throw isProvable || gone.Failure.Code != SourceFile.GoneCode ? gone : new FailureException(Unproven(wish, own));
    }

    // Whether the recorded copy matches the manifest's declaration. A declared hash needs a recorded one; without it, Found hashes the copy.
    private static bool IsDeclared(Wish wish, RecordedCopy row) =>
        (wish.Artifact.Size is not { } size || size == row.Receipt.Size)
        && (wish.Artifact.Sha256 is not { } declared || (row.Receipt.Sha256 is { } recorded && SourceFile.SameHash(declared, recorded)));

    // A ledger without the release may be older than the copy, so the copy must be examined.
    private bool Stands(RecordedCopy own) =>
        (own.ReleasedAt is not null && !force) || IsAsRecorded(own);

    private bool IsAsRecorded(RecordedCopy copy) =>
        world.Target(copy.Target) is { } found && !RecordedJob.Drifted(copy, found, () => world.TargetHash(copy.Target));

    // A changed route asks for a target that the released source was never copied to.
    private List<RecordedCopy> ReleasedElsewhere(Wish wish) =>
    [
        .. world.OfJob(manifest.JobId).Where(one =>
            one is { SupersededBy: null, IsFormer: false, ReleasedAt: not null }
            && one.Artifact == wish.Artifact.Path
            && one.Requested.Key != wish.Requested.Key),
    ];

    private PlanItem? Found(Wish wish, RecordedCopy? own, CommitReceipt? known)
    {
        var (size, sha256) = (wish.Artifact.Size ?? known?.Size, wish.Artifact.Sha256 ?? known?.Sha256);
        if (size is null || sha256 is null) return null;
        foreach (var target in Places(wish, own))
        {
            if (world.Target(target) is not { } found || found.Size != size || !isFree(wish, target)) continue;
            if (SourceFile.SameHash(sha256, world.TargetHash(target))) return Take(wish, own, target, found, sha256);
        }

        return null;
    }

    private IEnumerable<Target> Places(Wish wish, RecordedCopy? own)
    {
        if (own is not null) yield return own.Target;
        if (own?.Target.Display != wish.Requested.Display) yield return wish.Requested;
        foreach (var target in OwnNames.Beside(wish.Requested, manifest.JobId))
        {
            if (world.Target(target) is null) yield break;
            if (own?.Target.Display != target.Display) yield return target;
        }
    }

    // A copy has its source's time, so the ledger recognizes the source if someone restores it.
    private PlanItem Take(Wish wish, RecordedCopy? own, Target target, FileState found, string sha256) =>
        Item(wish, PlanAction.Adopt, "the source is gone, as after a release, and its copy is there", target) with
        {
            Sha256 = sha256,
            Source = new FileState(found.Size, found.MtimeNs, 0, 0),
            IsSourceGone = true,
            IsAdopted = own is not { IsAdopted: false } || own.Target.Key != target.Key || RecordedJob.Drifted(own, found, () => sha256),
        };

    private PlanItem Item(Wish wish, PlanAction action, string reason, Target target) => JobPlanner.Item(manifest, wish, action, reason, target);

    private Failure Another(Wish wish, RecordedCopy own, Failure gone)
    {
        var isSize = wish.Artifact.Size is { } size && size != own.Receipt.Size;
        var (declared, recorded) = isSize
            ? (FormattableString.Invariant($"{wish.Artifact.Size} bytes"), FormattableString.Invariant($"{own.Receipt.Size}"))
            : ($"SHA-256 {wish.Artifact.Sha256}", own.Receipt.Sha256 ?? "a file whose hash nobody knows");
        return gone with
        {
            Message = $"'{wish.Artifact.Path}' of job '{manifest.JobId}' is not there, and the copy at {own.Target} is of another file: "
                + $"its manifest declares {declared}, recorded of the copy is {recorded}.",
            Hint =
                "Put the file that the manifest declares back, or remove it from the manifest; the copy stays. If the ledger is older than the copy, "
                + "write size and sha256 into the manifest, so that the next run knows it again.",
        };
    }

    // The producer has done its part; where the bytes still may be is what helps.
    private Failure Lost(Wish wish, RecordedCopy own, DateTimeOffset released)
    {
        var (what, cure) = LostHow(wish, own);
        var others = OtherCopies.Of(world.OfJob(manifest.JobId), own);
        var left = others.FindAll(MayBeIntact);
        var other = others.Count > 0 && left.Count == 0 ? "; no intact copy is left" : OtherCopies.Words(left);
        return new Failure(
            FailureClass.Gone,
            LostCode,
            $"'{wish.Artifact.Path}' of job '{manifest.JobId}' was released on {Day(released)}, once it was copied, "
                + $"and its copy at {own.Target} {what}.",
            $"{cure}, or put the file into the job folder{other}.");
    }

    // A destination that does not answer may still have the copy.
    private bool MayBeIntact(RecordedCopy other)
    {
        try
        {
            return IsAsRecorded(other);
        }
        catch (FailureException e)
        {
            return e.Failure.Class != FailureClass.Conflict;
        }
    }

    // A copy that exists but has no recorded hash does not meet the verify level that its route requires now.
    private (string What, string Cure) LostHow(Wish wish, RecordedCopy own)
    {
        if (world.Target(own.Target) is not { } found) return ("is not there any more", PutBack);
        if (own.Receipt.Sha256 is not null || RecordedJob.Drifted(own, found, () => world.TargetHash(own.Target)))
            return ("is not as it was recorded", PutBack);
        var level = wish.Verify.ToString().ToLowerInvariant();
        return (
            $"was verified by its size alone, and its route says verify: {level} now; no hash was recorded by which its content could be told",
            "Write the file's sha256 into the manifest, and the next run reads the copy; or let the route say verify: size");
    }

    private Failure NotHere(Wish wish, List<RecordedCopy> elsewhere) => new(
        FailureClass.Gone,
        SourceFile.GoneCode,
        $"'{wish.Artifact.Path}' of job '{manifest.JobId}' was released on {Day(elsewhere[0].ReleasedAt!.Value)}, "
            + $"once it was copied to {OtherCopies.Named(elsewhere)}; its route asks for {wish.Requested} now, and no copy is there.",
        "If the new target is right, copy the file there by hand (cp -p), or put it into the job folder; if it is not, correct the route.");

    private static string Day(DateTimeOffset released) => FormattableString.Invariant($"{released.UtcDateTime:yyyy-MM-dd}");

    private const string PutBack = "Put the copy back from a backup";

    private Failure Unproven(Wish wish, RecordedCopy? own) => new(
        FailureClass.Gone,
        UnprovenCode,
        $"'{wish.Artifact.Path}' of job '{manifest.JobId}' is not there, and "
            + (own is null ? "no copy of it is recorded." : $"its copy at {own.Target} is not as it was recorded."),
        "Let the producer write the file before its manifest, or remove it from the manifest. If the source was released and the ledger was lost "
            + "since then, write the file's size and sha256 into the manifest: the next run then recognizes the copy.");
}
