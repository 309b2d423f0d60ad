using System.Collections.Concurrent;

namespace NasSync.Transfers;

/// <summary>
/// Threads for work that blocks in system calls, made as they are needed and kept for the run. The shared pool would be the wrong place: a hung
/// mount could take all of its threads.
/// </summary>
internal sealed class WorkerThreads : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly List<Task> _threads = [];
    private int _idle;

    /// <summary>Runs something on a free thread, or on a new one.</summary>
    public void Run(Action action)
    {
        lock (_threads)
        {
            if (_idle > 0) _idle--;
            else _threads.Add(Task.Factory.StartNew(Loop, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        }

        _work.Add(action);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _work.CompleteAdding();
        Task.WaitAll([.. _threads]);
        _work.Dispose();
    }

    private void Loop()
    {
        foreach (var action in _work.GetConsumingEnumerable())
        {
            action();
            lock (_threads) _idle++;
        }
    }
}
