using NasSync.Files;
using NasSync.Ledgers;

namespace NasSync.Transfers;

/// <summary>What a failure means for the run's exit code; of several the gravest counts.</summary>
public static class ExitCodes
{
    private static readonly ExitCode[] ByGravity =
    [
        ExitCode.Ok, ExitCode.WillRetry, ExitCode.FailedForGood, ExitCode.DestinationUnavailable, ExitCode.SafetyStop, ExitCode.Locked,
        ExitCode.ConfigInvalid, ExitCode.Usage, ExitCode.Unexpected, ExitCode.Stopped,
    ];

    /// <summary>The exit code of a run in which only this went wrong.</summary>
    public static ExitCode Of(Failure failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return failure switch
        {
            { Code: "Locked" } => ExitCode.Locked,
            { Code: WorkFolder.FullCode } => ExitCode.DestinationUnavailable,
            { Code: UnknownItem.ArtifactCode or UnknownItem.TargetCode or UnknownItem.PlaceCode } => ExitCode.Usage,
            { Code: RepairScope.PlanInvalidCode or RepairScope.PlanNoFileCode } => ExitCode.Usage,
            { Code: "MetricsPortTaken" or ManifestSource.OutputsUnsetCode } => ExitCode.ConfigInvalid,
            { Code: SystemNeeds.OpenSslMissingCode or SystemNeeds.IncompleteCode } => ExitCode.ConfigInvalid,
            _ when PostgresFailure.NeedsSettings(failure) => ExitCode.ConfigInvalid,
            { CauseClass: { } cause } => Of(failure with { Class = cause, CauseClass = null }),
            { Class: FailureClass.Bug } => ExitCode.Unexpected,
            { Class: FailureClass.Escape } => ExitCode.SafetyStop,
            { Class: FailureClass.Unavailable } => ExitCode.DestinationUnavailable,
            { IsTransient: true } => ExitCode.WillRetry,
            _ => ExitCode.FailedForGood,
        };
    }

    /// <summary>The graver of two.</summary>
    public static ExitCode Graver(ExitCode a, ExitCode b) => Array.IndexOf(ByGravity, a) >= Array.IndexOf(ByGravity, b) ? a : b;
}
