namespace NasSync.PowerShell.Pipeline;

/// <summary>The outputs of a cmdlet in plain types, so that the pump can be tested without an engine.</summary>
/// <remarks>Every member may throw: <c>Select-Object -First</c>, <c>-ErrorAction Stop</c> and the answer "halt" all arrive as exceptions.</remarks>
internal interface IPipelineStreams
{
    void WriteObject(object item);

    void WriteFailure(Failure failure, object? target);

    void WriteWarning(string message);

    /// <summary>Writes a notice for people: a calm one as a note, any other as a warning.</summary>
    void WriteNotice(Notice notice);

    void WriteVerbose(string message);

    void WriteDebug(string message);

    void WriteProgress(ProgressLine line);

    bool ShouldProcess(string target, string action);
}
