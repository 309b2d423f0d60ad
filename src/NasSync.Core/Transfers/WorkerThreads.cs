using NasSync.Processes;

namespace NasSync.Transfers;

/// <summary>
/// Threads for work that blocks in system calls, made as they are needed and kept for the run. The shared pool would be the wrong place: a hung
/// mount could take all of its threads.
/// </summary>
internal sealed class WorkerThreads : IDisposable
{
    /// <summary>The name of each, as debuggers and <c>/proc</c> show it.</summary>
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
    /// Begins something on a free thread, which is free again as soon as there is something to wait for; what follows runs on the shared pool.
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

    /// <summary>Runs a step that blocks; done when the step is.</summary>
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

    /// <summary>True when threads are lost in calls that do not come back: then nobody waits for them.</summary>
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
