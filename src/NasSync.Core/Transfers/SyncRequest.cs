using NasSync.Watching;

namespace NasSync.Transfers;

/// <summary>What a run is asked to do.</summary>
public sealed record SyncRequest
{
    /// <summary>Manifest files, job folders or outputs folders, in any mixture; with all lists empty the configuration's outputs folder.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Manifests that were read already.</summary>
    public IReadOnlyList<Manifest> Manifests { get; init; } = [];

    /// <summary>Decisions that were made already; they are carried out as they are.</summary>
    public IReadOnlyList<RouteDecision> Decisions { get; init; } = [];

    /// <summary>
    /// Failures of earlier runs: only their items are tried again, in the manifests they came from, and the lists above are left out.
    /// </summary>
    public IReadOnlyList<RecordedFailure> Failures { get; init; } = [];

    /// <summary>
    /// Of the manifests that these name, only these artifacts; of every other manifest all. The lists above still say which manifests are read.
    /// </summary>
    public IReadOnlyList<MeantItem> Only { get; init; } = [];

    /// <summary>
    /// Copies that verifying found to be lost: only these are made again, in the manifests they came from, and the lists above are left out.
    /// </summary>
    public RepairPlan? Repair { get; init; }

    /// <summary>Where manifests come from for as long as the run lasts; the lists above are left out. Null: the run ends with the lists.</summary>
    internal ManifestFeed? Feed { get; init; }

    /// <summary>Plan everything and change nothing: no copy, no ledger, no work folder. Default: the configuration's <c>dryRun</c>.</summary>
    public bool DryRun { get; init; }

    /// <summary>Look at every target again although the ledger says that nothing changed. Default false.</summary>
    public bool Force { get; init; }

    /// <summary>Refuse a source that has another name too (a hard link). Default: the configuration's <c>refuseHardLinks</c>.</summary>
    public bool RefuseHardLinks { get; init; }

    /// <summary>Transfers at a time; null takes the configuration's.</summary>
    public int? Transfers { get; init; }

    /// <summary>
    /// How long another run that holds the work folder, or the ledger, is waited for; a <see cref="TransferEvent.Warned"/> says so once. Default: not
    /// at all.
    /// </summary>
    public TimeSpan WaitForLock { get; init; }

    /// <summary>Ends that waiting too, for who lets a run that has begun come to its end.</summary>
    internal CancellationToken StopWaiting { get; init; }

    /// <summary>
    /// Asked before each item that would change something; false leaves the item out without a trace in the ledger. Null approves all.
    /// </summary>
    public Func<PlanItem, CancellationToken, ValueTask<bool>>? Approve { get; init; }
}
