using System.Management.Automation;
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
        SyncResult { DryRun: true } and not SyncJobResult => WouldBe(item),
        _ => item,
    };

    // By this name the summary of a run that changes nothing has a table of its own: what was committed, nothing, is no column there.
    private static PSObject WouldBe(object result)
    {
        var shown = new PSObject(result);
        shown.TypeNames.Insert(0, $"{typeof(SyncResult).FullName}#WhatIf");
        return shown;
    }
}
