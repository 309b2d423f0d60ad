using NasSync.Templates;

namespace NasSync.Planning;

/// <summary>Decides the items of one manifest one by one; collisions between them were sorted out before.</summary>
internal sealed class JobPlanner(
    Manifest manifest,
    IReadOnlyList<Wish> wishes,
    IReadOnlyList<RecordedCopy> rows,
    IObservations world,
    Claims claims,
    bool force)
{
    private readonly RecordedJob _recorded = new(rows);
    private readonly HashSet<(RelativePath Artifact, string Key)> _wished = [.. wishes.Select(wish => (wish.Artifact.RelativePath, wish.Key))];
    private readonly HashSet<string> _wishedKeys = [.. wishes.Select(wish => wish.Key)];

    /// <summary>Plans the item of a wish. If something cannot be examined, only this item is refused.</summary>
    /// <param name="wish">The wish.</param>
    /// <param name="source">Its source.</param>
    /// <param name="prove">Examine the target even if the ledger says that nothing changed.</param>
    public PlanItem Plan(Wish wish, SourceFile source, bool prove = false)
    {
        try
        {
            var item = Decide(wish, source, force || prove);
            if (item.Action == PlanAction.Copy && world.WhyNotWritable(item.Target!) is { } refused) item = Refuse(wish, item.Target!, refused);
            if (item.Action is PlanAction.Copy or PlanAction.Adopt or PlanAction.Unchanged) Claim(wish, item);
            return item with { Source = item.Source ?? source.Seen };
        }
        catch (FailureException failed)
        {
            return Refuse(wish, wish.Requested, failed.Failure) with { Source = source.Seen };
        }
    }

    /// <summary>Whether the recorded copy of a wish still exists as committed; false also when the destination cannot be queried.</summary>
    public bool Stands(Wish wish)
    {
        try
        {
            return _recorded.Find(wish) is { } row
                && world.Target(row.Target) is { } found
                && !RecordedJob.Drifted(row, found, () => world.TargetHash(row.Target));
        }
        catch (FailureException)
        {
            return false;
        }
    }

    /// <summary>Creates an item with the settings of the wish's route.</summary>
    public static PlanItem Item(Manifest manifest, Wish wish, PlanAction action, string reason, Target target) => new()
    {
        Manifest = manifest,
        Artifact = wish.Artifact,
        Action = action,
        Reason = reason,
        Target = target,
        Requested = wish.Requested,
        Verify = wish.Verify,
        Release = wish.Release,
    };

    // The order matters: first the ledger's proof, which spares the destination; then this run's claims, which the destination does not show yet;
    // then the destination.
    private PlanItem Decide(Wish wish, SourceFile source, bool look)
    {
        var row = RowOf(wish);
        var own = row is { SupersededBy: null } ? row : null;
        var target = own?.Target ?? wish.Requested;
        if (source.Gone is { } gone) return new GoneSource(manifest, world, force, IsFree).Plan(wish, row, gone);

        var state = source.State;
        var sameSource = row is not null && RecordedJob.SameSource(row, state, wish.Artifact.Sha256);
        var isTouched = sameSource && state.IsTouchedSince(row!.Source);
        if (isTouched) sameSource = HoldsWhatWasCopied(row!, source);
        var claim = claims.Other(target.Key, manifest.JobId, wish.Artifact.RelativePath, wish.Key);
        var replacedBy = row?.SupersededBy ?? (claim is { Writes: true } ? claim.JobId : null);
        if (sameSource && wish.OnConflict == ConflictPolicy.Overwrite && replacedBy is { } by && by != manifest.JobId)
            return Item(wish, PlanAction.Skip, $"replaced by job {by}, as onConflict: overwrite says", target);
        if (own is not null && IsSpelledAnew(wish, own))
        {
            if (claim is null && Respelled(wish, source, own) is { } respelled) return respelled;

            // Examine the copy once; it is then recorded under the new spelling, so later runs need not examine it.
            look = true;
        }

        if (sameSource && own is not null && !look && claim is not { Writes: true } && RecordedJob.Satisfies(own.Receipt.VerifiedBy, wish.Verify))
            return Item(wish, PlanAction.Unchanged, $"unchanged {RecordedJob.Since(own)}{WhyStays(wish, own)}", target) with
            {
                Sha256 = own.Receipt.Sha256,
                IsAdopted = own.IsAdopted,
                IsProvenAnew = isTouched,
            };

        // A copy that an older version made under such a name stays, as long as nothing writes to it.
        var ours = ReservedName.In(target.Path) ?? ReservedName.In(target.Root);
        if (ours is not null) return Refuse(wish, target, TargetConflict.Reserved(wish, target, ours));

        if (sameSource && row!.Receipt.Sha256 is { } recorded) source.RequireContent(recorded);
        if (claims.InTheWay(target.Key) is { } inTheWay) return Refuse(wish, target, TargetConflict.Inside(wish, target, inTheWay));
        if (claim is { Writes: true }) return Occupied(wish, source, new Occupant(target, null, TargetConflict.OfJob(claim.JobId), IsClaimed: true));
        if (world.Target(target) is not { } found) return AtFreeName(wish, source, own, target, claim);
        return AtTakenName(wish, source, own, target, claim, found, sameSource);
    }

    // If this job itself superseded a row, the row belongs to a spelling that the artifact had in between.
    private RecordedCopy? RowOf(Wish wish)
    {
        var row = _recorded.Find(wish);
        if (row is not null && row.SupersededBy != manifest.JobId) return row;
        return _recorded.FindRespelled(wish, path => manifest.Artifacts.Any(artifact => artifact.Path == path)) ?? row;
    }

    // Size and modification time can be set back, the change time cannot. If it differs, only the content tells whether the source is unchanged.
    private bool HoldsWhatWasCopied(RecordedCopy row, SourceFile source)
    {
        if (row.Receipt.Sha256 is { } recorded) return SourceFile.SameHash(recorded, source.Hash);
        return world.Target(row.Target) is { } found && SameBytes(source, row.Target, found);
    }

    private PlanItem AtFreeName(Wish wish, SourceFile source, RecordedCopy? own, Target target, TakenPlace? claim)
    {
        if (claim is not null) return Occupied(wish, source, new Occupant(target, null, TargetConflict.OfJob(claim.JobId), IsClaimed: false));
        if (own is not null) return Item(wish, PlanAction.Copy, "the copy is gone from the target", target);

        // On a case-sensitive file system the other job's file has a name of its own; on another system both names would be the same file.
        if (OwnerOf(wish, target) is { } other && other.Target.Display != target.Display && world.Target(other.Target) is not null)
            return Occupied(wish, source, new Occupant(target, null, TargetConflict.OfJob(other.JobId), IsClaimed: false));
        return Item(wish, PlanAction.Copy, "new", target);
    }

    private PlanItem AtTakenName(Wish wish, SourceFile source, RecordedCopy? own, Target target, TakenPlace? claim, FileState found, bool sameSource)
    {
        if (IsSourceItself(found, source.State)) return Refuse(wish, target, TargetConflict.IsSource(wish, target));
        var owner = own ?? RowAt(target);
        var isOurs = own is not null || (owner is not null && IsOurs(owner, wish));
        if (isOurs && !RecordedJob.Drifted(owner!, found, () => world.TargetHash(target)))
        {
            if (SameBytes(source, target, found)) return Adopt(wish, source, target, isOurs: !owner!.IsAdopted);
            sameSource |= IsPutBack(owner!, source);
            if (WhyKept(owner!, sameSource) is { } kept) return Occupied(wish, source, new Occupant(target, found, kept, IsClaimed: false, owner));
            return Replace(wish, sameSource ? "the copy differs from the source" : "source changed", target, found, owner);
        }

        if (IsUnrecordedCopy(wish, target, found))
            return SameBytes(source, target, found)
                ? Adopt(wish, source, target, isOurs: true)
                : ReplaceUnrecorded(wish, target, found);

        // A changed copy, or a file that someone else put there, may equal the source byte for byte; it is still not ours.
        var isOthers = owner is not null && !isOurs;
        if (!isOthers && claim is null && SameBytes(source, target, found)) return Adopt(wish, source, target, isOurs: false);
        var who = isOthers ? TargetConflict.OfJob(owner!.JobId) : isOurs ? TargetConflict.Changed : TargetConflict.OfUnknown;
        return Occupied(wish, source, new Occupant(target, found, who, IsClaimed: false, isOthers ? owner : null));
    }

    private static string WhyStays(Wish wish, RecordedCopy own) =>
        own.IsAdopted && wish.Release == ReleasePolicy.Delete ? ", but NasSync did not copy the file there: the source is kept" : "";

    // An adopted file is not ours, and a copy of a released source may be the only one left: both are replaced only if the route says so.
    private static string? WhyKept(RecordedCopy owner, bool sameSource) =>
        owner.IsAdopted ? TargetConflict.OfUnknown : owner.ReleasedAt is not null && !sameSource ? TargetConflict.Only : null;

    // A released source that someone put back has the recorded bytes, which its copy has lost.
    private static bool IsPutBack(RecordedCopy owner, SourceFile source) =>
        owner is { ReleasedAt: not null, Receipt: { Sha256: { } recorded } receipt }
        && receipt.Size == source.State.Size
        && SourceFile.SameHash(recorded, source.Hash);

    private PlanItem Occupied(Wish wish, SourceFile source, Occupant occupant) => wish.OnConflict switch
    {
        ConflictPolicy.KeepBoth => KeepBoth(wish, source, occupant),
        ConflictPolicy.Overwrite when occupant.IsClaimed => Refuse(wish, occupant.Target, TargetConflict.Claimed(wish, occupant)),
        ConflictPolicy.Overwrite =>
            Replace(wish, $"replaces {occupant.Who}, as onConflict: overwrite says", occupant.Target, occupant.Found, occupant.Row),
        ConflictPolicy.Skip => Item(wish, PlanAction.Skip, $"{occupant.Who} is kept, as onConflict: skip says", occupant.Target),
        ConflictPolicy.Fail => Refuse(wish, occupant.Target, TargetConflict.Exists(wish, occupant)),
        _ => throw new InvalidOperationException($"Unknown conflict policy {wish.OnConflict}."),
    };

    private PlanItem KeepBoth(Wish wish, SourceFile source, Occupant occupant)
    {
        foreach (var target in OwnNames.Beside(wish.Requested, manifest.JobId))
        {
            var key = target.Key;
            if (claims.Other(key, manifest.JobId, wish.Artifact.RelativePath, wish.Key) is not null
                || claims.InTheWay(key) is not null
                || _wishedKeys.Contains(key))
                continue;
            var owner = OwnerOf(wish, target);
            if (world.Target(target) is not { } found)
            {
                if (owner is not null && owner.Target.Display != target.Display && world.Target(owner.Target) is not null) continue;
                return Item(wish, PlanAction.Copy, $"{occupant.Who} is kept", target);
            }

            if (owner is not null || IsSourceItself(found, source.State)) continue;
            var isUnrecorded = IsUnrecordedCopy(wish, target, found);
            if (SameBytes(source, target, found)) return Adopt(wish, source, target, isUnrecorded || IsOwnCopy(target, found));
            if (isUnrecorded) return ReplaceUnrecorded(wish, target, found);
        }

        return Refuse(wish, occupant.Target, TargetConflict.NoNameLeft(wish, occupant));
    }

    /// <summary>The row of another job or artifact that stands at a target; null when there is none, or it belongs to this artifact.</summary>
    private RecordedCopy? OwnerOf(Wish wish, Target target) =>
        RowAt(target) is { } row && !IsOurs(row, wish) ? row : null;

    private RecordedCopy? RowAt(Target target) =>
        world.Owner(target) is { } row && RecordedJob.SamePlace(row.Target, target) ? row : null;

    // What this artifact copied there under another requested target may be replaced, unless that target is still requested.
    private bool IsOurs(RecordedCopy owner, Wish wish) =>
        owner.JobId == manifest.JobId
        && owner.Artifact == wish.Artifact.Path
        && (owner.Requested.Key == wish.Key || !_wished.Contains((wish.Artifact.RelativePath, owner.Requested.Key)));

    // True if the file was copied there by a recorded run of ours, not adopted, and has not changed since.
    private bool IsOwnCopy(Target target, FileState found) =>
        RowAt(target) is { IsAdopted: false } row && !RecordedJob.Drifted(row, found, () => world.TargetHash(target));

    private bool IsFree(Wish wish, Target target) =>
        OwnerOf(wish, target) is null && claims.Other(target.Key, manifest.JobId, wish.Artifact.RelativePath, wish.Key) is null;

    // Whether this artifact's own killed run put the file there without recording it.
    private bool IsUnrecordedCopy(Wish wish, Target target, FileState found) => world.Unrecorded(target).Any(copy =>
        copy.JobId == manifest.JobId && copy.Artifact == wish.Artifact.Path && copy.Is(found, () => world.TargetHash(target)));

    private bool SameBytes(SourceFile source, Target target, FileState found) =>
        found.Size == source.State.Size && SourceFile.SameHash(source.Hash, world.TargetHash(target));

    // The target is a hard link to the source, or a route leads back into the outputs folder. Verifying the source against itself proves nothing.
    private static bool IsSourceItself(FileState found, FileState source) =>
        found.Inode != 0 && found.Inode == source.Inode && found.Device != 0 && found.Device == source.Device;

    // The copy's new name differs from its old one only in case or normalization. If the file system keeps both names apart, the old file is removed
    // after the new one exists; otherwise both names are one file. Files that are not ours are not renamed.
    private PlanItem? Respelled(Wish wish, SourceFile source, RecordedCopy own)
    {
        if (own is { IsAdopted: true } or { ReleasedAt: not null }) return null;
        if (Spelled(wish, own) is not { } target) return null;
        if (world.Target(own.Target) is not { } found || RecordedJob.Drifted(own, found, () => world.TargetHash(own.Target))) return null;
        if (own.Receipt.Sha256 is { } recorded && RecordedJob.SameSource(own, source.State, null)) source.RequireContent(recorded);
        if (world.Target(target) is { } there)
        {
            // Different states are two files. Without inode numbers even equal states may be: a file of the same size and time that someone else put
            // there is not ours.
            if (there != found || there.Inode == 0) return null;
            return SameBytes(source, target, found) ? Adopt(wish, source, target, isOurs: true) : Replace(wish, "source changed", target, found, own);
        }

        // A listing shows only one spelling, even when both names open the file.
        if (world.TargetHash(target).Length > 0) return null;
        return Item(wish, PlanAction.Copy, $"the name changes from {own.Target.RelativePath.FileName}", target) with
        {
            Respells = new FormerName(own.Target, found),
        };
    }

    private static bool IsSpelledAnew(Wish wish, RecordedCopy own) =>
        own.Artifact != wish.Artifact.Path || own.Requested.Display != wish.Requested.Display;

    // Only within one folder: nothing about the files tells whether two folders are the same.
    private Target? Spelled(Wish wish, RecordedCopy own)
    {
        var key = own.Target.Key;
        var target = key == wish.Key ? wish.Requested : OwnNames.Beside(wish.Requested, manifest.JobId).FirstOrDefault(name => name.Key == key);
        if (target is null || target.Display == own.Target.Display) return null;
        return target.Root == own.Target.Root && target.RelativePath.Parent == own.Target.RelativePath.Parent ? target : null;
    }

    private PlanItem Adopt(Wish wish, SourceFile source, Target target, bool isOurs)
    {
        const string There = "the same bytes are there already";
        var kept = wish.Release == ReleasePolicy.Delete ? ": the source is kept" : "";
        var reason = isOurs ? There : $"an equal file is there already, without a record that NasSync copied it{kept}";
        return Item(wish, PlanAction.Adopt, reason, target) with { Sha256 = source.Hash, IsAdopted = !isOurs };
    }

    private PlanItem Replace(Wish wish, string reason, Target target, FileState? found, RecordedCopy? row) =>
        Item(wish, PlanAction.Copy, reason, target) with
        {
            Replaces = found,
            Replaced = found is { } former ? new ReplacedFile(former.Size, row?.Receipt.Sha256, row?.JobId, row?.Artifact) : null,
        };

    private PlanItem ReplaceUnrecorded(Wish wish, Target target, FileState found) =>
        Replace(wish, "source changed", target, found, row: null) with
        {
            Replaced = new ReplacedFile(found.Size, null, manifest.JobId, wish.Artifact.Path),
        };

    private PlanItem Item(Wish wish, PlanAction action, string reason, Target target) => Item(manifest, wish, action, reason, target);

    private PlanItem Refuse(Wish wish, Target target, Failure failure) =>
        Item(wish, PlanAction.Refuse, failure.Message, target) with { Failure = failure };

    private void Claim(Wish wish, PlanItem item) =>
        claims.Take(new Claim(item.Target!, manifest.JobId, wish.Artifact.RelativePath, wish.Key, item.Action != PlanAction.Unchanged));
}
