using System.Management.Automation;
using NasSync.Failures;
using NasSync.Transfers;

namespace NasSync.PowerShell;

/// <summary>The only place where an error becomes an <see cref="ErrorRecord"/>: id = the failure's code, recommendation = its hint.</summary>
internal static class ErrorRecords
{
    /// <summary>The record of a failure.</summary>
    /// <param name="failure">What went wrong.</param>
    /// <param name="target">The item it happened to: a path, a manifest, or a plan's line.</param>
    /// <param name="cause">The error behind it, for <c>Get-Error</c>; null when there is none.</param>
    public static ErrorRecord From(Failure failure, object? target, Exception? cause = null)
    {
        failure = HostWords.ForPowerShell(failure);
        var exception = new FailureException(failure, cause) { ExitCode = ExitCodeOf(failure) };
        return new(exception, failure.Code, Category(failure.Class), target)
        {
            ErrorDetails = new ErrorDetails(failure.Message) { RecommendedAction = failure.Hint },
        };
    }

    /// <summary>What a command comes to in which only this went wrong.</summary>
    internal static ExitCode ExitCodeOf(Failure failure) =>
        failure.Code == CmdletFailure.ConfigInvalidCode ? ExitCode.ConfigInvalid : ExitCodes.Of(failure);

    /// <summary>The category that PowerShell shows for a class; a bug of ours has none.</summary>
    internal static ErrorCategory Category(FailureClass failureClass) => failureClass switch
    {
        FailureClass.Transient => ErrorCategory.ResourceBusy,
        FailureClass.Throttled => ErrorCategory.LimitsExceeded,
        FailureClass.Unavailable => ErrorCategory.ResourceUnavailable,
        FailureClass.NoSpace => ErrorCategory.QuotaExceeded,
        FailureClass.Permission => ErrorCategory.PermissionDenied,
        FailureClass.Auth => ErrorCategory.AuthenticationError,
        FailureClass.Mismatch => ErrorCategory.InvalidResult,
        FailureClass.Conflict => ErrorCategory.ResourceExists,
        FailureClass.Escape => ErrorCategory.SecurityError,
        FailureClass.Gone => ErrorCategory.ObjectNotFound,
        FailureClass.Invalid => ErrorCategory.InvalidData,
        FailureClass.Config => ErrorCategory.InvalidArgument,
        _ => ErrorCategory.NotSpecified,
    };
}
