using NasSync.Watching;

namespace NasSync.Transfers;

/// <summary>The request for a run.</summary>
public sealed record SyncRequest
{
    /// <summary>
    /// Manifest files, job folders or outputs folders, in any mixture. If all lists are empty, the configuration's outputs folder is used.
    /// </summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Manifests that the caller has read.</summary>
    public IReadOnlyList<Manifest> Manifests { get; init; } = [];

    /// <summary>Routing decisions that the caller has made; they are executed as they are.</summary>
    public IReadOnlyList<RouteDecision> Decisions { get; init; } = [];

    /// <summary>
    /// Failures of earlier runs. If there are any, only their items are tried again, in their manifests, and the lists above are ignored.
    /// </summary>
    public IReadOnlyList<RecordedFailure> Failures { get; init; } = [];

    /// <summary>
    /// Limits the manifests that these entries name to the given artifacts; other manifests are not limited. The lists above still decide which
    /// manifests are read.
    /// </summary>
    public IReadOnlyList<MeantItem> Only { get; init; } = [];

    /// <summary>
    /// Copies that a verification found to be lost. If it is set, only these are made again, from their manifests, and the lists above are ignored.
    /// </summary>
    public RepairPlan? Repair { get; init; }

    /// <summary>Supplies the manifests of an endless run; the lists above are then ignored. Null: the run ends after the lists.</summary>
    internal ManifestFeed? Feed { get; init; }

    /// <summary>Plan everything and change nothing: no copy, no ledger, no work folder. Default: the configuration's <c>dryRun</c>.</summary>
    public bool DryRun { get; init; }

    /// <summary>Check every target, even if the ledger says that nothing has changed. Default false.</summary>
    public bool Force { get; init; }

    /// <summary>Refuse a source that has another name too (a hard link). Default: the configuration's <c>refuseHardLinks</c>.</summary>
    public bool RefuseHardLinks { get; init; }

    /// <summary>Transfers at a time; null takes the configuration's.</summary>
    public int? Transfers { get; init; }

    /// <summary>
    /// How long to wait while another run holds the work folder or the ledger; a <see cref="TransferEvent.Warned"/> reports the wait once. Default:
    /// zero, no wait.
    /// </summary>
    public TimeSpan WaitForLock { get; init; }

    /// <summary>
    /// Ends that wait, planning, and what waits for a slot or for its next attempt, so that nothing new begins; for a caller that gives copies under
    /// way time to finish.
    /// </summary>
    internal CancellationToken StopBeginning { get; init; }

    /// <summary>
    /// Called before each item that would change something; false omits the item, without a trace in the ledger. Null approves all.
    /// </summary>
    public Func<PlanItem, CancellationToken, ValueTask<bool>>? Approve { get; init; }
}
