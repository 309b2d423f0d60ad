using NasSync.Failures;

namespace NasSync.PowerShell;

/// <summary>What the core says, in the words of the module: its hints name cmdlets.</summary>
internal static class ModuleWords
{
    /// <summary>An object as the pipeline gets it.</summary>
    public static object Of(object item) => item switch
    {
        RecordedFailure failure => failure with { Failure = HostWords.ForPowerShell(failure.Failure) },
        CopyFinding { Failure: { } failure } finding => finding with { Failure = HostWords.ForPowerShell(failure) },
        RouteDecision { Failure: { } failure } decision => decision with { Failure = HostWords.ForPowerShell(failure) },
        SyncItem { Hint: { } hint } line => line with { Hint = HostWords.ForPowerShell(hint) },
        ConfigProblem problem => problem with { Message = HostWords.ForPowerShell(problem.Message) },
        _ => item,
    };
}
