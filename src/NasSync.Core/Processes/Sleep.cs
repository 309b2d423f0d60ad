namespace NasSync.Processes;

/// <summary>
/// Waits for tasks on threads of our own. The framework spins before it sleeps, and on a machine of few cores it takes that time from those who are
/// to end the task. Not for threads of the shared pool: only the framework's own waiting lets the pool make another one meanwhile.
/// </summary>
internal static class Sleep
{
    /// <summary>What a task gives, or throws, once it is done.</summary>
    public static T Until<T>(Task<T> task)
    {
        Until((Task)task);
        return task.GetAwaiter().GetResult();
    }

    /// <summary>Returns when a task is done; throws what it throws.</summary>
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
