namespace NasSync.Destinations.Rsync;

/// <summary>A request that shares a process with others.</summary>
/// <param name="stop">Cancels the request.</param>
internal abstract class BatchRequest<TResult>(CancellationToken stop)
{
    private readonly TaskCompletionSource<TResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Action? _tell;

    /// <summary>Requests with the same key never share a batch; null (the default) sets no limit.</summary>
    public virtual string? Key => null;

    /// <summary>Cancels the request.</summary>
    public CancellationToken Stop => stop;

    /// <summary>Its outcome, published when its batch has released everything.</summary>
    public Task<TResult> Done => _done.Task;

    /// <summary>Whether it has an outcome, published or not; the first one counts.</summary>
    public bool IsDecided => _tell is not null;

    /// <summary>Sets the outcome: a result.</summary>
    public void Succeed(TResult result) => _tell ??= () => _done.SetResult(result);

    /// <summary>Sets the outcome: a failure.</summary>
    public void Fail(Failure failure) => Fail(new FailureException(failure));

    /// <summary>Sets the outcome: an error.</summary>
    public void Fail(Exception exception) => _tell ??= () =>
    {
        if (exception is OperationCanceledException) _done.SetCanceled(Stop.IsCancellationRequested ? Stop : new CancellationToken(canceled: true));
        else _done.SetException(exception);
    };

    /// <summary>Publishes the outcome.</summary>
    internal void Tell() => _tell!();
}

/// <summary>
/// Runs requests in batches, one batch at a time; requests that arrive meanwhile form the next one. A request that is cancelled before its batch
/// begins never begins; a batch stops when all of its requests were cancelled.
/// </summary>
/// <param name="most">The maximum number of requests per batch.</param>
/// <param name="carryOut">Must give every request an outcome; a request without one fails with an error.</param>
internal sealed class Batches<TRequest, TResult>(int most, Func<IReadOnlyList<TRequest>, CancellationToken, Task> carryOut) : IAsyncDisposable
    where TRequest : BatchRequest<TResult>
{
    private readonly object _gate = new();
    private readonly LinkedList<TRequest> _waiting = new();
    private readonly CancellationTokenSource _ended = new();
    private Task _pump = Task.CompletedTask;
    private bool _pumping;

    /// <summary>
    /// Queues a request and waits for its outcome; even after a stop, it waits until the running batch has released what it was given.
    /// </summary>
    public async Task<TResult> AskAsync(TRequest request)
    {
        request.Stop.ThrowIfCancellationRequested();
        LinkedListNode<TRequest> node;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_ended.IsCancellationRequested, this);
            node = _waiting.AddLast(request);
            if (!_pumping)
            {
                _pumping = true;
                _pump = Task.Run(PumpAsync, CancellationToken.None);
            }
        }

        using var stopped = request.Stop.Register(() => GiveUp(node));
        return await request.Done.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Task pump;
        lock (_gate) pump = _pump;
        await _ended.CancelAsync().ConfigureAwait(false);
        await pump.ConfigureAwait(false);
    }

    private void GiveUp(LinkedListNode<TRequest> node)
    {
        lock (_gate)
        {
            if (node.List is null) return;
            _waiting.Remove(node);
        }

        node.Value.Fail(new OperationCanceledException());
        node.Value.Tell();
    }

    private async Task PumpAsync()
    {
        while (Take() is { } batch)
        {
            try
            {
                using var stop = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token);
                var left = batch.Count;
                var registrations = batch.Select(request => request.Stop.Register(() =>
                {
                    if (Interlocked.Decrement(ref left) == 0) stop.Cancel();
                })).ToList();
                try
                {
                    await carryOut(batch, stop.Token).ConfigureAwait(false);
                }
                finally
                {
                    foreach (var registration in registrations) await registration.DisposeAsync().ConfigureAwait(false);
                }

                foreach (var open in batch) open.Fail(new InvalidOperationException("A batch left one of its requests without an outcome."));
            }
            catch (Exception e)
            {
                foreach (var open in batch) open.Fail(e);
            }

            foreach (var request in batch) request.Tell();
        }
    }

    private List<TRequest>? Take()
    {
        lock (_gate)
        {
            if (_waiting.Count == 0)
            {
                _pumping = false;
                return null;
            }

            var (batch, keys) = (new List<TRequest>(), new HashSet<string>(StringComparer.Ordinal));
            for (var node = _waiting.First; node is not null && batch.Count < most;)
            {
                var next = node.Next;
                if (node.Value.Key is not { } key || keys.Add(key))
                {
                    batch.Add(node.Value);
                    _waiting.Remove(node);
                }

                node = next;
            }

            return batch;
        }
    }
}
