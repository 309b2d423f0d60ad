using NasSync.PowerShell.Pipeline;

namespace NasSync.Tests.PowerShell;

/// <summary>A pipeline that remembers what it was told and on which thread; it can end early as <c>Select-Object -First</c> does.</summary>
internal sealed class RecordedStreams : IPipelineStreams
{
    public List<object> Objects { get; } = [];

    public HashSet<int> Threads { get; } = [];

    /// <summary>Throws once this many objects were taken.</summary>
    public int? StopAfter { get; init; }

    public bool Answer { get; init; } = true;

    public Action? Asked { get; init; }

    public void WriteObject(object item)
    {
        Threads.Add(Environment.CurrentManagedThreadId);
        Objects.Add(item);
        if (Objects.Count == StopAfter) throw new PipelineEndedException();
    }

    public void WriteFailure(Failure failure, object? target) => WriteObject(failure);

    public void WriteWarning(string message) => WriteObject(message);

    public void WriteNotice(Notice notice) => WriteObject(notice);

    public void WriteVerbose(string message) => WriteObject(message);

    public void WriteDebug(string message) => WriteObject(message);

    public void WriteProgress(ProgressLine line) => WriteObject(line);

    public bool ShouldProcess(string target, string action)
    {
        Threads.Add(Environment.CurrentManagedThreadId);
        Asked?.Invoke();
        return Answer;
    }
}

/// <summary>Stands for the engine's PipelineStoppedException, which does not exist without an engine.</summary>
internal sealed class PipelineEndedException : Exception;
