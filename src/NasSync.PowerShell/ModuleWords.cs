using System.Management.Automation;
using NasSync.Failures;

namespace NasSync.PowerShell;

/// <summary>Translates the core's output for the module: hints name cmdlets.</summary>
internal static class ModuleWords
{
    /// <summary>The object that the pipeline gets.</summary>
    public static object Of(object item) => item switch
    {
        RecordedFailure failure => failure with { Failure = HostWords.ForPowerShell(failure.Failure) },
        CopyFinding { Failure: { } failure } finding => finding with { Failure = HostWords.ForPowerShell(failure) },
        RouteDecision { Failure: { } failure } decision => decision with { Failure = HostWords.ForPowerShell(failure) },
        SyncItem { Hint: { } hint } line => line with { Hint = HostWords.ForPowerShell(hint) },
        ConfigProblem problem => problem with { Message = HostWords.ForPowerShell(problem.Message) },
        SyncResult { DryRun: true } and not SyncJobResult => WouldBe(item),
        _ => item,
    };

    // With this type name, the summary of a dry run is shown in a separate table without a column for committed items.
    private static PSObject WouldBe(object result)
    {
        var shown = new PSObject(result);
        shown.TypeNames.Insert(0, $"{typeof(SyncResult).FullName}#WhatIf");
        return shown;
    }
}
