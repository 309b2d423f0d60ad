using NasSync.Planning;

namespace NasSync.Transfers;

/// <summary>
/// Selects the items of a plan that a repair covers. An entry counts only while everything in it still holds: the ledger's row, the source, and the
/// state found at the target. An outdated entry is left out, with the reason. For the others, the plan decides what to do, as in any run.
/// </summary>
/// <param name="repair">The copies that were found to be lost.</param>
/// <param name="world">Answers the same questions as for the planner.</param>
/// <param name="emit">Called for each entry that is left out.</param>
internal sealed class RepairScope(RepairPlan repair, IObservations world, Action<TransferEvent> emit)
{
    /// <summary>The code of the failure when a file is not a repair plan.</summary>
    public const string PlanInvalidCode = "RepairPlanInvalid";

    /// <summary>The code of the failure when the given path of a repair plan is missing, or cannot be a file.</summary>
    public const string PlanNoFileCode = "RepairPlanNoFile";

    /// <summary>The code of the failure of a copy that the ledger does not know.</summary>
    public const string UnknownCode = "RepairUnknown";

    /// <summary>The code of the failure when no repair can make a copy again.</summary>
    public const string ImpossibleCode = "RepairImpossible";

    private readonly ILookup<string?, RepairEntry> _byManifest = repair.Entries.ToLookup(entry => entry.Manifest, StringComparer.Ordinal);
    private readonly HashSet<(string Artifact, string Key)> _due = [];
    private readonly HashSet<PlanItem> _meant = new(ReferenceEqualityComparer.Instance);

    /// <summary>The manifests of the entries.</summary>
    public static IEnumerable<string> Manifests(RepairPlan repair) =>
        repair.Entries.Select(entry => entry.Manifest).OfType<string>().Distinct(StringComparer.Ordinal);

    /// <summary>Reports the entries whose manifest is unknown.</summary>
    public void TellHomeless() => TellLost(null, new Failure(
        FailureClass.Gone,
        "JobGone",
        "The manifest of this copy was not found when it was verified.",
        "Put the job folder back into the outputs folder and verify again."));

    /// <summary>Reports the entries of a manifest that cannot be read.</summary>
    public void TellLost(string? manifest, Failure failure)
    {
        foreach (var entry in _byManifest[manifest]) Fail(entry, failure, needsSource: failure.Class == FailureClass.Gone);
    }

    /// <summary>Determines which entries of a manifest still hold, and reports the others.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="decisions">The routes of its artifacts.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public void Check(Manifest manifest, IReadOnlyList<RouteDecision> decisions, CancellationToken cancellationToken)
    {
        _due.Clear();
        foreach (var entry in _byManifest[manifest.Path])
        {
            cancellationToken.ThrowIfCancellationRequested();
            var artifact = entry.JobId == manifest.JobId ? manifest.Artifacts.FirstOrDefault(one => one.Path == entry.Artifact) : null;
            if (artifact is null)
            {
                Fail(entry, NotListed(entry, manifest), needsSource: false);
                continue;
            }

            try
            {
                if (!IsKnown(entry)) emit(Failed(entry, Unknown(entry)));
                else if (WhyOvertaken(entry) is { } overtaken) Leave(entry, manifest, artifact, overtaken);
                else if (WhyImpossible(entry, manifest, artifact, decisions) is { } impossible) Refuse(entry, manifest, artifact, impossible);
                else if (WhyStale(entry) is { } why) Leave(entry, manifest, artifact, why);
                else _due.Add((entry.Artifact, entry.Requested.Key));
            }
            catch (FailureException e)
            {
                if (e.Failure.Class == FailureClass.Gone) Fail(entry, e.Failure, needsSource: true);
                else emit(Failed(entry, e.Failure));
            }
        }
    }

    /// <summary>Whether an item's target must be checked again.</summary>
    public bool IsDue(Artifact artifact, Target requested) => _due.Contains((artifact.Path, requested.Key));

    /// <summary>The part of a plan that the repair covers.</summary>
    public TransferPlan Of(Manifest manifest, TransferPlan plan)
    {
        var meant = new List<PlanItem>();
        foreach (var entry in _byManifest[manifest.Path].Where(entry => _due.Contains((entry.Artifact, entry.Requested.Key))))
        {
            var item = plan.Items.FirstOrDefault(item => item.Artifact.Path == entry.Artifact && item.Requested?.Key == entry.Requested.Key);
            if (item is null) Leave(entry, manifest, manifest.Artifacts.First(one => one.Path == entry.Artifact), NoRoute);
            else if (item.Replaces is { } replaced && !SameFile(replaced, entry.Found)) Leave(entry, manifest, item.Artifact, Changed);
            else meant.Add(item);
        }

        _meant.Clear();
        _meant.UnionWith(meant);
        return new TransferPlan(meant);
    }

    /// <summary>Whether the repair covers an item of the last plan.</summary>
    public bool IsAbout(PlanItem item) => _meant.Contains(item);

    private const string NoRoute = "no route leads there any more";

    private const string Changed = "the file there has changed since it was verified";

    private static IEnumerable<RecordedCopy> RowsOf(RepairEntry entry, IEnumerable<RecordedCopy> ofJob) =>
        ofJob.Where(row => row.Artifact == entry.Artifact && row.Requested.Key == entry.Requested.Key);

    private RecordedCopy? RowOf(RepairEntry entry) => RowsOf(entry, world.OfJob(entry.JobId)).FirstOrDefault(row => !row.IsFormer);

    private bool IsKnown(RepairEntry entry) => RowsOf(entry, world.OfJob(entry.JobId)).Any();

    private string? WhyOvertaken(RepairEntry entry) =>
        RowOf(entry) is not { SupersededBy: null } row
            || row.Receipt.CommittedAt != entry.CommittedAt
            || row.Receipt.Sha256 != entry.Sha256
            || row.Target != entry.Target
            ? "the ledger's entry of this copy has changed since it was verified"
            : null;

    // Checks in the same order as verifying does, so that both give the same reason.
    private string? WhyImpossible(RepairEntry entry, Manifest manifest, Artifact artifact, IReadOnlyList<RouteDecision> decisions)
    {
        var leads = decisions.Any(one => one.Artifact.Path == entry.Artifact && one.Targets.Any(target => target.Key == entry.Requested.Key));
        if (!leads) return NoRoute;
        var row = RowOf(entry)!;
        var isSame = RecordedJob.SameContent(row, world.Source(manifest, artifact), artifact.Sha256, () => world.SourceHash(manifest, artifact));
        return isSame ? null : OtherSource.Words(row);
    }

    // A copy that could not be repaired at the time of verifying still cannot be; if something has changed since, the next verification decides.
    private void Refuse(RepairEntry entry, Manifest manifest, Artifact artifact, string why)
    {
        if (entry.Repair == RepairKind.Impossible) Fail(entry, Impossible(why), needsSource: why != NoRoute);
        else Leave(entry, manifest, artifact, why);
    }

    private static Failure Impossible(string why) => new(
        FailureClass.Gone,
        ImpossibleCode,
        $"{why}.",
        why == NoRoute
            ? "Let a route lead there again, and verify again; where its route leads now an ordinary sync copies it."
            : "Put a backup of the copy, or the source as it was, back; then verify again.");

    private string? WhyStale(RepairEntry entry)
    {
        var row = RowOf(entry)!;
        if (entry is { Finding: CopyState.Damaged, Sha256: null }) throw new FailureException(Undecided(entry));
        return WhyChanged(entry, row.Target);
    }

    private string? WhyChanged(RepairEntry entry, Target target)
    {
        FileState? found;
        try
        {
            found = world.Target(target);
        }
        catch (FailureException e) when (e.Failure.Class == FailureClass.Conflict)
        {
            // The plan itself refuses a target that is not a file.
            return null;
        }

        if (found is null) return entry.Finding == CopyState.Missing ? null : "the file that was found there is gone since";
        if (entry.Finding == CopyState.Missing) return "something stands there again";
        if (!SameFile(found.Value, entry.Found)) return Changed;
        return entry.FoundSha256 is { } hash && !SourceFile.SameHash(hash, world.TargetHash(target)) ? Changed : null;
    }

    // Compares without the device number, which changes with each mount.
    private static bool SameFile(FileState now, FileState? then) =>
        then is { } found && found.Size == now.Size && found.MtimeNs == now.MtimeNs && RecordedJob.SameIdentity(found, now);

    private void Leave(RepairEntry entry, Manifest manifest, Artifact artifact, string why) => emit(new TransferEvent.Skipped(
        new PlanItem
        {
            Manifest = manifest,
            Artifact = artifact,
            Action = PlanAction.Skip,
            Reason = why,
            Target = entry.Target,
            Requested = entry.Requested,
        },
        SkipKind.Stale));

    // When copy and source are lost, the failure tells where other copies are.
    private void Fail(RepairEntry entry, Failure failure, bool needsSource)
    {
        var rows = world.OfJob(entry.JobId);
        var row = RowsOf(entry, rows).FirstOrDefault();
        var others = row is null ? [] : OtherCopies.Of(rows, row);
        var left = others.FindAll(other => !IsLost(other));
        var none = others.Count > 0 && left.Count == 0 ? ", and no intact copy is left" : "";
        var need = needsSource ? $"A repair needs the unchanged source{none}" : "";
        var cure = needsSource ? "put it, or a backup of the copy, back; then verify again." : failure.Hint;
        emit(Failed(entry, failure with
        {
            Message = $"{entry.Target} cannot be repaired: {failure.Message}",
            Hint = Hint(need, cure, OtherCopies.Words(left)),
        }));
    }

    private static TransferEvent.Failed Failed(RepairEntry entry, Failure failure) =>
        new(entry.Subject, failure) { JobId = entry.JobId, ArtifactPath = entry.Artifact, Target = entry.Target };

    // Verifying found each entry of the plan to be lost.
    private bool IsLost(RecordedCopy copy) => repair.Entries.Any(entry =>
        entry.JobId == copy.JobId && entry.Artifact == copy.Artifact && entry.Target.Key == copy.Target.Key);

    // If another copy may be intact, the hint names it instead of the failure's own cure.
    private static string Hint(string need, string cure, string others)
    {
        if (need.Length == 0) return others.Length == 0 ? cure : $"{cure.TrimEnd('.')}{others}.";
        return others.Length > 0 ? $"{need}{others}." : $"{need}: {cure}";
    }

    private static Failure NotListed(RepairEntry entry, Manifest manifest) => new(
        FailureClass.Gone,
        "SourceGone",
        $"{manifest.Path} does not list '{entry.Artifact}' of job '{entry.JobId}' any more.",
        "Let the manifest list it again, and verify again.");

    private static Failure Unknown(RepairEntry entry) => new(
        FailureClass.Gone,
        UnknownCode,
        $"The ledger has no copy of '{entry.Artifact}' of job '{entry.JobId}' for {entry.Target}; the plan may be of another ledger.",
        "Run the repair with the configuration that verified.");

    private static Failure Undecided(RepairEntry entry) => new(
        FailureClass.Mismatch,
        "RepairUndecided",
        $"{entry.Target} differs from its source, and no hash was recorded that says which of the two is right; both were left as they are.",
        "Compare the two by hand; remove the copy if the source is right, then run sync --force.");
}
