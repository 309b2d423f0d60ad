using NasSync.Failures;

namespace NasSync.Transfers;

/// <summary>Maps failures to the run's exit code; of several the gravest counts.</summary>
public static class ExitCodes
{
    private static readonly ExitCode[] ByGravity =
    [
        ExitCode.Ok, ExitCode.WillRetry, ExitCode.FailedForGood, ExitCode.DestinationUnavailable, ExitCode.SafetyStop, ExitCode.Locked,
        ExitCode.ConfigInvalid, ExitCode.Usage, ExitCode.Unexpected, ExitCode.Stopped,
    ];

    /// <summary>
    /// The exit code of a run, a command or a cmdlet with only this failure. One rule holds for all: the exit code that the table gives to the
    /// failure's code, otherwise the one of its class.
    /// </summary>
    public static ExitCode Of(Failure failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return FailureTable.ExitCodeOf(failure.Code) ?? failure switch
        {
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
