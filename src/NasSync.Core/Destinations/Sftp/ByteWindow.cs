namespace NasSync.Destinations.Sftp;

/// <summary>Limits the bytes in flight over all files of one connection; first come, first served.</summary>
internal sealed class ByteWindow(int capacity)
{
    private int _capacity = capacity;
    private readonly object _gate = new();
    private readonly Queue<(int Bytes, TaskCompletionSource Granted)> _waiting = new();
    private int _free = capacity;

    /// <summary>Sets the capacity once the server has reported its limits; call it before any bytes are taken.</summary>
    public void Resize(int bytes)
    {
        lock (_gate) (_capacity, _free) = (bytes, bytes);
    }

    /// <summary>Waits for room; a request larger than the window takes the whole window.</summary>
    public Task TakeAsync(int bytes, CancellationToken cancellationToken)
    {
        var wanted = Math.Min(bytes, _capacity);
        lock (_gate)
        {
            if (_waiting.Count == 0 && wanted <= _free)
            {
                _free -= wanted;
                return Task.CompletedTask;
            }

            var granted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue((wanted, granted));
            return cancellationToken.CanBeCanceled ? WaitAsync(granted, cancellationToken) : granted.Task;
        }
    }

    /// <summary>Returns room.</summary>
    public void Return(int bytes)
    {
        lock (_gate)
        {
            _free += Math.Min(bytes, _capacity);
            while (_waiting.TryPeek(out var next) && (next.Bytes <= _free || next.Granted.Task.IsCompleted))
            {
                _waiting.Dequeue();
                if (next.Granted.TrySetResult()) _free -= next.Bytes;
            }
        }
    }

    private static async Task WaitAsync(TaskCompletionSource granted, CancellationToken cancellationToken)
    {
        using var stop = cancellationToken.Register(() => granted.TrySetCanceled(cancellationToken));
        await granted.Task.ConfigureAwait(false);
    }
}
