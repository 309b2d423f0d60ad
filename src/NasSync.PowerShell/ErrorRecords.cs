using System.Management.Automation;
using NasSync.Failures;
using NasSync.Transfers;

namespace NasSync.PowerShell;

/// <summary>The only place that turns a failure into an <see cref="ErrorRecord"/>: id = the failure's code, recommendation = its hint. The console
/// shows the message alone, so the code ends it.</summary>
internal static class ErrorRecords
{
    /// <summary>The record of a failure.</summary>
    /// <param name="failure">The failure.</param>
    /// <param name="target">The item that it concerns: a path, a manifest, or an item of a plan.</param>
    /// <param name="cause">The underlying error, for <c>Get-Error</c>; null when there is none.</param>
    public static ErrorRecord From(Failure failure, object? target, Exception? cause = null)
    {
        failure = HostWords.ForPowerShell(failure);
        var exception = new FailureException(failure, cause) { ExitCode = ExitCodes.Of(failure) };
        return new(exception, failure.Code, Category(failure.Class), target)
        {
            ErrorDetails = new ErrorDetails($"{failure.Message} [{failure.Code}]") { RecommendedAction = failure.Hint },
        };
    }

    /// <summary>The category that PowerShell shows for a class; a bug in NasSync has none.</summary>
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
