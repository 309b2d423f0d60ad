using System.Collections.Concurrent;

namespace NasSync.PowerShell.Pipeline;

/// <summary>
/// The work's end of the pump: each call is executed later, in order, on the pipeline thread. A full queue blocks the work, so that a slow consumer
/// downstream slows the producer instead of filling memory.
/// </summary>
internal sealed class PipelineWriter(BlockingCollection<Action<IPipelineStreams>> queue, CancellationToken stop)
{
    public void WriteObject(object item) => Post(streams => streams.WriteObject(item));

    public void WriteFailure(Failure failure, object? target) => Post(streams => streams.WriteFailure(failure, target));

    public void WriteWarning(string message) => Post(streams => streams.WriteWarning(message));

    public void WriteNotice(Notice notice) => Post(streams => streams.WriteNotice(notice));

    public void WriteVerbose(string message) => Post(streams => streams.WriteVerbose(message));

    /// <summary>Writes a diagnostic message, from any thread; once the pipeline has ended it is lost.</summary>
    public void WriteDebug(string message)
    {
        try
        {
            Post(streams => streams.WriteDebug(message));
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException)
        {
            // The reader is gone, and running work must not fail because of that.
        }
    }

    public void WriteProgress(ProgressLine line) => Post(streams => streams.WriteProgress(line));

    /// <summary>Asks on the pipeline thread; a person may take any time to answer.</summary>
    /// <exception cref="OperationCanceledException">The pipeline was stopped before the answer.</exception>
    public async Task<bool> ShouldProcessAsync(string target, string action, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(streams => answer.SetResult(streams.ShouldProcess(target, action)));
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, cancellationToken);
        return await answer.Task.WaitAsync(either.Token).ConfigureAwait(false);
    }

    private void Post(Action<IPipelineStreams> write) => queue.Add(write, stop);
}
