using NasSync.Templates;

namespace NasSync.Planning;

/// <summary>Decides the items of one manifest, one by one, after the collisions between them are out of the way.</summary>
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

    /// <summary>The item of one wish; what cannot be asked makes it a refusal and leaves every other item as it is.</summary>
    /// <param name="wish">The wish.</param>
    /// <param name="source">Its source.</param>
    /// <param name="prove">Look at the target although the ledger says that nothing changed.</param>
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

    /// <summary>Whether the recorded copy of a wish is still there as it was committed; false also when the place cannot be asked.</summary>
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

    /// <summary>An item of a wish with what its route says.</summary>
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

    // The order is the point: the ledger's proof first, because it spares the destination; then this run's claims, because they are not
    // in the world yet; then the world.
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

            // Looked at once, and recorded in the new spelling where it is: later runs need not look.
            look = true;
        }

        if (sameSource && own is not null && !look && claim is not { Writes: true } && RecordedJob.Satisfies(own.Receipt.VerifiedBy, wish.Verify))
            return Item(wish, PlanAction.Unchanged, $"unchanged {RecordedJob.Since(own)}{WhyStays(wish, own)}", target) with
            {
                Sha256 = own.Receipt.Sha256,
                IsAdopted = own.IsAdopted,
                IsProvenAnew = isTouched,
            };

        // What an older version copied to such a name stands there as long as nobody writes to it.
        var ours = ReservedName.In(target.Path) ?? ReservedName.In(target.Root);
        if (ours is not null) return Refuse(wish, target, TargetConflict.Reserved(wish, target, ours));

        if (sameSource && row!.Receipt.Sha256 is { } recorded) source.RequireContent(recorded);
        if (claims.InTheWay(target.Key) is { } inTheWay) return Refuse(wish, target, TargetConflict.Inside(wish, target, inTheWay));
        if (claim is { Writes: true }) return Occupied(wish, source, new Occupant(target, null, TargetConflict.OfJob(claim.JobId), IsClaimed: true));
        if (world.Target(target) is not { } found) return AtFreeName(wish, source, own, target, claim);
        return AtTakenName(wish, source, own, target, claim, found, sameSource);
    }

    // A row that this very job has superseded speaks of a spelling that the artifact had in between.
    private RecordedCopy? RowOf(Wish wish)
    {
        var row = _recorded.Find(wish);
        if (row is not null && row.SupersededBy != manifest.JobId) return row;
        return _recorded.FindRespelled(wish, path => manifest.Artifacts.Any(artifact => artifact.Path == path)) ?? row;
    }

    // Size and time can be set back, the change time cannot: where it is another, only the content tells whether the source still is what was copied.
    private bool HoldsWhatWasCopied(RecordedCopy row, SourceFile source)
    {
        if (row.Receipt.Sha256 is { } recorded) return SourceFile.SameHash(recorded, source.Hash);
        return world.Target(row.Target) is { } found && SameBytes(source, row.Target, found);
    }

    private PlanItem AtFreeName(Wish wish, SourceFile source, RecordedCopy? own, Target target, TakenPlace? claim)
    {
        if (claim is not null) return Occupied(wish, source, new Occupant(target, null, TargetConflict.OfJob(claim.JobId), IsClaimed: false));
        if (own is not null) return Item(wish, PlanAction.Copy, "the copy is gone from the target", target);

        // Where names keep their case, the other job's file stands beside this name; on the next system it would be the same file.
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
            if (WhyKept(owner!, sameSource) is { } kept) return Occupied(wish, source, new Occupant(target, found, kept, IsClaimed: false, owner));
            return Replace(wish, sameSource ? "the copy differs from the source" : "source changed", target, found, owner);
        }

        if (IsUnrecordedCopy(wish, target, found))
            return SameBytes(source, target, found)
                ? Adopt(wish, source, target, isOurs: true)
                : ReplaceUnrecorded(wish, target, found);

        // Whoever changed our copy, or put a file of their own there, may have the very bytes of the source; that does not make it ours.
        var isOthers = owner is not null && !isOurs;
        if (!isOthers && claim is null && SameBytes(source, target, found)) return Adopt(wish, source, target, isOurs: false);
        var who = isOthers ? TargetConflict.OfJob(owner!.JobId) : isOurs ? TargetConflict.Changed : TargetConflict.OfUnknown;
        return Occupied(wish, source, new Occupant(target, found, who, IsClaimed: false, isOthers ? owner : null));
    }

    private static string WhyStays(Wish wish, RecordedCopy own) =>
        own.IsAdopted && wish.Release == ReleasePolicy.Delete ? ", of another origin: the source is kept" : "";

    // What was only found there is not ours, and of what was released there may be no other copy: both give way only where the route says so.
    private static string? WhyKept(RecordedCopy owner, bool sameSource) =>
        owner.IsAdopted ? TargetConflict.OfUnknown : owner.ReleasedAt is not null && !sameSource ? TargetConflict.Only : null;

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

    /// <summary>Another job's or artifact's row at a target; null when nobody or this very artifact put there what stands there.</summary>
    private RecordedCopy? OwnerOf(Wish wish, Target target) =>
        RowAt(target) is { } row && !IsOurs(row, wish) ? row : null;

    private RecordedCopy? RowAt(Target target) =>
        world.Owner(target) is { } row && RecordedJob.SamePlace(row.Target, target) ? row : null;

    // What this artifact put there under another wish is ours to replace, unless that wish is still one of today's.
    private bool IsOurs(RecordedCopy owner, Wish wish) =>
        owner.JobId == manifest.JobId
        && owner.Artifact == wish.Artifact.Path
        && (owner.Requested.Key == wish.Key || !_wished.Contains((wish.Artifact.RelativePath, owner.Requested.Key)));

    // The file at a target that no other artifact has is one that this artifact brought there.
    private bool IsOwnCopy(Target target, FileState found) =>
        RowAt(target) is { IsAdopted: false } row && !RecordedJob.Drifted(row, found, () => world.TargetHash(target));

    private bool IsFree(Wish wish, Target target) =>
        OwnerOf(wish, target) is null && claims.Other(target.Key, manifest.JobId, wish.Artifact.RelativePath, wish.Key) is null;

    // What this artifact brought there when its run was killed before it could record it.
    private bool IsUnrecordedCopy(Wish wish, Target target, FileState found) => world.Unrecorded(target).Any(copy =>
        copy.JobId == manifest.JobId && copy.Artifact == wish.Artifact.Path && copy.Is(found, () => world.TargetHash(target)));

    private bool SameBytes(SourceFile source, Target target, FileState found) =>
        found.Size == source.State.Size && SourceFile.SameHash(source.Hash, world.TargetHash(target));

    // A hard link, or a route back into the outputs folder: "verifying" the source against itself proves no copy.
    private static bool IsSourceItself(FileState found, FileState source) =>
        found.Inode != 0 && found.Inode == source.Inode && found.Device != 0 && found.Device == source.Device;

    // Only case or normalization tells the name that the copy shall have from the one it has. Side by side they are two files, and the earlier one
    // goes after the new one stands; where such names are one, the file has both. What is not ours to rename stays as it is.
    private PlanItem? Respelled(Wish wish, SourceFile source, RecordedCopy own)
    {
        if (own is { IsAdopted: true } or { ReleasedAt: not null }) return null;
        if (Spelled(wish, own) is not { } target) return null;
        if (world.Target(own.Target) is not { } found || RecordedJob.Drifted(own, found, () => world.TargetHash(own.Target))) return null;
        if (own.Receipt.Sha256 is { } recorded && RecordedJob.SameSource(own, source.State, null)) source.RequireContent(recorded);
        if (world.Target(target) is { } there)
        {
            // Two files, or, at a place that tells no inode, perhaps two: one that someone else put there in the same size and time is not ours.
            if (there != found || there.Inode == 0) return null;
            return SameBytes(source, target, found) ? Adopt(wish, source, target, isOurs: true) : Replace(wish, "source changed", target, found, own);
        }

        // A listing shows one spelling alone, also where both lead to the file.
        if (world.TargetHash(target).Length > 0) return null;
        return Item(wish, PlanAction.Copy, $"the name changes from {own.Target.RelativePath.FileName}", target) with
        {
            Respells = new FormerName(own.Target, found),
        };
    }

    private static bool IsSpelledAnew(Wish wish, RecordedCopy own) =>
        own.Artifact != wish.Artifact.Path || own.Requested.Display != wish.Requested.Display;

    // Only within one folder: whether two folders are one, no look at their files can tell.
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
        var reason = isOurs ? There : $"{There}, of another origin{kept}";
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
