using System.Management.Automation;
using NasSync.Config;
using NasSync.Transfers;

namespace NasSync.PowerShell;

/// <summary>
/// The one summary that a syncing command always writes, so that a script can rely on its exit code: even when no run could begin, and including
/// errors before the run. With <c>-PassThru</c> there are only the errors.
/// </summary>
internal sealed class SyncSummary(PSCmdlet cmdlet, bool perItem, bool whatIf)
{
    private ExitCode _exitCode;
    private int _failed;

    /// <summary>Notes an error that the command wrote itself.</summary>
    public void Add(Failure failure)
    {
        _failed++;
        _exitCode = ExitCodes.Graver(_exitCode, ExitCodes.Of(failure));
    }

    /// <summary>The result of a run, together with the errors outside of it.</summary>
    public SyncResult Of(SyncResult run)
    {
        var all = run with { Failed = run.Failed + _failed, ExitCode = ExitCodes.Graver(_exitCode, run.ExitCode) };
        return run.DryRun
            ? all with { Planned = run.Committed, Committed = 0, PlannedRecord = run.AlreadyPresent, AlreadyPresent = 0 }
            : all;
    }

    /// <summary>Writes the summary of a command that had nothing to do.</summary>
    public void WriteEmpty()
    {
        if (!perItem) cmdlet.WriteObject(ModuleWords.Of(Of(new SyncResult { DryRun = whatIf })));
    }

    /// <summary>Writes why no run could begin, or why it ended early, and the summary.</summary>
    public void WriteUndone(ErrorRecord error)
    {
        if (error.Exception is FailureException { ExitCode: { } exitCode }) _exitCode = ExitCodes.Graver(_exitCode, exitCode);
        cmdlet.WriteError(error);
        WriteEmpty();
    }

    /// <summary>Warns that the configuration disables NasSync, and writes the summary.</summary>
    public void WriteSwitchedOff(SyncConfig config)
    {
        cmdlet.WriteWarning($"NasSync is switched off (enabled: false in {config.File ?? "the environment"}); nothing was done.");
        WriteEmpty();
    }
}
