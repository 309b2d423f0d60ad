using NasSync.Processes;

namespace NasSync.Transfers;

/// <summary>
/// Threads for work that blocks in system calls, created when needed and kept for the run. The shared thread pool is unsuitable, because a hung mount
/// could occupy all of its threads.
/// </summary>
internal sealed class WorkerThreads : IDisposable
{
    /// <summary>The name of each thread, as debuggers and <c>/proc</c> show it.</summary>
    public const string ThreadName = "nassync-work";

    private readonly HandOver<Action> _work = new();
    private readonly List<Task> _threads = [];
    private readonly HashSet<Task> _begun = [];
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

    /// <summary>
    /// Starts work on a free thread. At its first await the thread becomes free again, and the rest runs on the shared pool.
    /// </summary>
    public void Begin(Func<Task> work) => Run(() =>
    {
        var begun = work();
        if (begun.IsCompleted) return;
        lock (_begun) _begun.Add(begun);
        begun.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() =>
        {
            lock (_begun) _begun.Remove(begun);
        });
    });

    /// <summary>Runs a blocking step; completes when the step does.</summary>
    public Task RunAsync(Func<Task> step) => RunAsync(async () =>
    {
        await step().ConfigureAwait(false);
        return true;
    });

    /// <inheritdoc cref="RunAsync(Func{Task})"/>
    public Task<T> RunAsync<T>(Func<Task<T>> step)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Run(() =>
        {
            try
            {
                done.SetResult(Sleep.Until(step()));
            }
            catch (OperationCanceledException e)
            {
                done.SetCanceled(e.CancellationToken);
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        return done.Task;
    }

    /// <summary>Whether threads may be lost in calls that never return; disposing then does not wait for them.</summary>
    public bool MayBeLost { get; set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _work.Complete();
        if (MayBeLost) return;
        Task.WaitAll([.. _threads]);
        Task[] begun;
        lock (_begun) begun = [.. _begun];
        Task.WaitAll(begun);
    }

    private void Loop()
    {
        Thread.CurrentThread.Name = ThreadName;
        while (_work.Take(out var action))
        {
            action();
            lock (_threads) _idle++;
        }
    }
}
