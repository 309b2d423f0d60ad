namespace NasSync.PowerShell.Pipeline;

/// <summary>What a cmdlet can say to its pipeline, in plain types, so that the pump can be tested without an engine.</summary>
/// <remarks>Every member may throw: <c>Select-Object -First</c>, <c>-ErrorAction Stop</c> and an answer of "halt" all arrive as exceptions.</remarks>
internal interface IPipelineStreams
{
    void WriteObject(object item);

    void WriteFailure(Failure failure, object? target);

    void WriteWarning(string message);

    /// <summary>What people should know: a calm notice is a note, any other a warning.</summary>
    void WriteNotice(Notice notice);

    void WriteVerbose(string message);

    void WriteProgress(ProgressLine line);

    bool ShouldProcess(string target, string action);
}
