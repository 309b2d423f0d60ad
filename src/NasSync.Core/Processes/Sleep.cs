namespace NasSync.Processes;

/// <summary>
/// Waits for tasks on dedicated threads. The framework's own wait spins before it blocks, and on a machine with few cores that takes CPU time from
/// the threads that complete the task. Not for thread-pool threads: only the framework's own wait makes the pool start a replacement thread.
/// </summary>
internal static class Sleep
{
    /// <summary>Waits for a task and returns its result, or throws its exception.</summary>
    public static T Until<T>(Task<T> task)
    {
        Until((Task)task);
        return task.GetAwaiter().GetResult();
    }

    /// <summary>Waits for a task; throws its exception.</summary>
    public static void Until(Task task)
    {
        if (!task.IsCompleted)
        {
            var gate = new object();
            var isDone = false;
            task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() =>
            {
                lock (gate)
                {
                    isDone = true;
                    Monitor.Pulse(gate);
                }
            });
            lock (gate)
            {
                while (!isDone) Monitor.Wait(gate);
            }
        }

        task.GetAwaiter().GetResult();
    }
}
