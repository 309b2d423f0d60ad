using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace NasSync.PowerShell.Pipeline;

/// <summary>
/// Runs asynchronous work for a cmdlet and passes its output to the pipeline, always on the thread that called <see cref="Run"/>. Cancels the work in
/// both cases in which a pipeline ends early: <see cref="Stop"/> (Ctrl-C), and a write that throws (<c>Select-Object -First</c>, <c>-ErrorAction
/// Stop</c>). In either case the pipeline thread waits for the clean-up, but never longer than the patience.
/// </summary>
[SuppressMessage(
    "Design",
    "CA1001",
    Justification = "Work that outlives the patience still holds the token; without a timer the source holds nothing.")]
internal sealed class PipelinePump(IPipelineStreams streams, TimeSpan? patience = null)
{
    private const int QueueLength = 64;
    private readonly TimeSpan _patience = patience ?? TimeSpan.FromSeconds(10);
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Ends a running <see cref="Run"/> and prevents further ones; may be called from any thread, at any time.</summary>
    public void Stop() => _stop.Cancel();

    /// <summary>Runs the work to its end. Rethrows what a write throws, after the clean-up.</summary>
    /// <returns>
    /// The exception of the work itself; null when it completed or was stopped. It is kept apart from exceptions of a write, because those belong to
    /// the engine, which uses them for control flow.
    /// </returns>
    public Exception? Run(Func<PipelineWriter, CancellationToken, Task> work)
    {
        var queue = new BlockingCollection<Action<IPipelineStreams>>(QueueLength);
        Exception? fault = null;
        var task = Task.Run(GuardedWork, CancellationToken.None);
        try
        {
            foreach (var write in queue.GetConsumingEnumerable(_stop.Token)) write(streams);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Ctrl-C: the engine accepts no more output.
        }
        finally
        {
            if (!queue.IsCompleted) _stop.Cancel();
            ((IAsyncResult)task).AsyncWaitHandle.WaitOne(_patience);
        }

        return fault;

        async Task GuardedWork()
        {
            try
            {
                await work(new PipelineWriter(queue, _stop.Token), _stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                // The work responded to the stop.
            }
            catch (Exception error)
            {
                fault = error;
            }
            finally
            {
                queue.CompleteAdding();
            }
        }
    }
}
