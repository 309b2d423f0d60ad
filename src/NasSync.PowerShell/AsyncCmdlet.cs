using System.Management.Automation;
using NasSync.Config;
using NasSync.Failures;
using NasSync.PowerShell.Pipeline;
using NasSync.Transfers;

namespace NasSync.PowerShell;

/// <summary>A cmdlet with asynchronous work; everything that the work writes reaches the pipeline on the pipeline thread.</summary>
public abstract class AsyncCmdlet : PSCmdlet, IPipelineStreams
{
    private const int ProgressId = 0x4E53;
    private readonly PipelinePump _pump;
    private readonly HashSet<int> _bars = [];

    private protected AsyncCmdlet() => _pump = new PipelinePump(this);

    /// <summary>The heading of the progress bar.</summary>
    private protected virtual string Activity => "Syncing artifacts";

    /// <summary>Whether the command only shows what it would do: by the parameter, otherwise by the session's preference.</summary>
    private protected bool IsWhatIf => MyInvocation.BoundParameters.TryGetValue("WhatIf", out var given)
        ? ((SwitchParameter)given).IsPresent
        : LanguagePrimitives.IsTrue(GetVariableValue("WhatIfPreference"));

    /// <summary>Whether diagnostic messages are shown: by <c>-Debug</c>, else by the session's preference.</summary>
    private protected bool IsDebug => MyInvocation.BoundParameters.TryGetValue("Debug", out var given)
        ? ((SwitchParameter)given).IsPresent
        : GetVariableValue("DebugPreference") is { } preference
            && LanguagePrimitives.TryConvertTo<ActionPreference>(preference, out var action)
            && action is not (ActionPreference.SilentlyContinue or ActionPreference.Ignore);

    /// <summary>Where diagnostic messages go: into the debug stream, to the configuration's file, to both, or nowhere.</summary>
    private protected DebugLog Log(SyncConfig config, PipelineWriter writer) =>
        DebugLog.Of(config, IsDebug ? writer.WriteDebug : null, writer.WriteWarning);

    /// <summary>Stops the work on Ctrl-C.</summary>
    protected override void StopProcessing() => _pump.Stop();

    /// <summary>Runs work to its end. A thrown failure ends the command with an error record from <see cref="ErrorRecords"/>.</summary>
    private protected void Run(Func<PipelineWriter, CancellationToken, Task> work)
    {
        if (TryRun(work) is { } error) ThrowTerminatingError(error);
    }

    /// <summary>Runs work to its end. Returns the record of a thrown failure without writing it; null when there was none.</summary>
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

    // With the tag PSHOST the host shows a note like the output of Write-Host; the code lets a script find it among others.
    void IPipelineStreams.WriteNotice(Notice notice)
    {
        var text = HostWords.ForPowerShell(notice.ToString());
        if (notice.IsCalm) WriteInformation(new HostInformationMessage { Message = $"note: {text}" }, ["PSHOST", "NasSync", notice.Code]);
        else WriteWarning(text);
    }

    void IPipelineStreams.WriteVerbose(string message) => WriteVerbose(HostWords.ForPowerShell(message));

    void IPipelineStreams.WriteDebug(string message) => WriteDebug(message);

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

    // Completes the main bar last: a bar below a completed one would stay.
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
            // A stopped pipeline removes its bars itself.
        }

        _bars.Clear();
    }
}
