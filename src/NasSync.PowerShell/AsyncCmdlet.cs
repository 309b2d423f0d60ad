using System.Management.Automation;
using NasSync.Failures;
using NasSync.PowerShell.Pipeline;

namespace NasSync.PowerShell;

/// <summary>A cmdlet whose work is asynchronous; what the work says reaches the pipeline on the pipeline thread.</summary>
public abstract class AsyncCmdlet : PSCmdlet, IPipelineStreams
{
    private const int ProgressId = 0x4E53;
    private readonly PipelinePump _pump;
    private readonly HashSet<int> _bars = [];

    private protected AsyncCmdlet() => _pump = new PipelinePump(this);

    /// <summary>What the progress bar is headed with.</summary>
    private protected virtual string Activity => "Syncing artifacts";

    /// <summary>Whether only to say what would be done: by the parameter, else by the session's preference.</summary>
    private protected bool IsWhatIf => MyInvocation.BoundParameters.TryGetValue("WhatIf", out var given)
        ? ((SwitchParameter)given).IsPresent
        : LanguagePrimitives.IsTrue(GetVariableValue("WhatIfPreference"));

    /// <summary>Ctrl-C.</summary>
    protected override void StopProcessing() => _pump.Stop();

    /// <summary>Runs work to its end. A failure it throws ends the command with an error record made by the one factory.</summary>
    private protected void Run(Func<PipelineWriter, CancellationToken, Task> work)
    {
        if (TryRun(work) is { } error) ThrowTerminatingError(error);
    }

    /// <summary>Runs work to its end. A failure that it throws is answered as the record of it, and not written; null when there was none.</summary>
    private protected ErrorRecord? TryRun(Func<PipelineWriter, CancellationToken, Task> work)
    {
        Exception? fault;
        try
        {
            fault = _pump.Run(work);
        }
        finally
        {
            CompleteProgress();
        }

        return fault switch
        {
            null => null,
            FailureException known => ErrorRecords.From(known.Failure, null, known.InnerException),
            _ => ErrorRecords.From(CmdletFailure.Unexpected(fault), null, fault),
        };
    }

    void IPipelineStreams.WriteObject(object item) => WriteObject(ModuleWords.Of(item));

    void IPipelineStreams.WriteFailure(Failure failure, object? target) => WriteError(ErrorRecords.From(failure, target));

    void IPipelineStreams.WriteWarning(string message) => WriteWarning(HostWords.ForPowerShell(message));

    // The tag PSHOST lets the host show a note as it shows what Write-Host writes; by the code a script finds it among others.
    void IPipelineStreams.WriteNotice(Notice notice)
    {
        var text = HostWords.ForPowerShell(notice.ToString());
        if (notice.IsCalm) WriteInformation(new HostInformationMessage { Message = $"note: {text}" }, ["PSHOST", "NasSync", notice.Code]);
        else WriteWarning(text);
    }

    void IPipelineStreams.WriteVerbose(string message) => WriteVerbose(HostWords.ForPowerShell(message));

    bool IPipelineStreams.ShouldProcess(string target, string action) => ShouldProcess(target, action);

    void IPipelineStreams.WriteProgress(ProgressLine line)
    {
        if (line.IsDone) _bars.Remove(line.Bar);
        else _bars.Add(line.Bar);
        WriteProgress(new ProgressRecord(ProgressId + line.Bar, line.Heading ?? Activity, line.FileName)
        {
            ParentActivityId = line.Bar == 0 ? -1 : ProgressId,
            CurrentOperation = line.Detail,
            PercentComplete = Math.Clamp(line.Percent, -1, 100),
            SecondsRemaining = line.SecondsRemaining,
            RecordType = line.IsDone ? ProgressRecordType.Completed : ProgressRecordType.Processing,
        });
    }

    // The bar of the whole goes last: a bar below one that is gone would stay.
    private void CompleteProgress()
    {
        try
        {
            foreach (var bar in _bars.OrderDescending())
                WriteProgress(new ProgressRecord(ProgressId + bar, Activity, "Done")
                {
                    ParentActivityId = bar == 0 ? -1 : ProgressId,
                    RecordType = ProgressRecordType.Completed,
                });
        }
        catch (PipelineStoppedException)
        {
            // A stopped pipeline takes its bars away by itself.
        }

        _bars.Clear();
    }
}
