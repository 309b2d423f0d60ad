namespace NasSync.Destinations.Rsync;

/// <summary>A request that shares a process with others.</summary>
/// <param name="stop">Gives it up.</param>
internal abstract class BatchRequest<TResult>(CancellationToken stop)
{
    private readonly TaskCompletionSource<TResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Action? _tell;

    /// <summary>Requests of the same key are never in one batch; null (the default) shares with all.</summary>
    public virtual string? Key => null;

    /// <summary>Gives it up.</summary>
    public CancellationToken Stop => stop;

    /// <summary>Its outcome, told when its batch has let go of everything.</summary>
    public Task<TResult> Done => _done.Task;

    /// <summary>It has an outcome, told or not; the first one counts.</summary>
    public bool IsDecided => _tell is not null;

    /// <summary>Decides it well.</summary>
    public void Succeed(TResult result) => _tell ??= () => _done.SetResult(result);

    /// <summary>Decides it with a failure.</summary>
    public void Fail(Failure failure) => Fail(new FailureException(failure));

    /// <summary>Decides it with an error.</summary>
    public void Fail(Exception exception) => _tell ??= () =>
    {
        if (exception is OperationCanceledException) _done.SetCanceled(Stop.IsCancellationRequested ? Stop : new CancellationToken(canceled: true));
        else _done.SetException(exception);
    };

    /// <summary>Tells the outcome.</summary>
    internal void Tell() => _tell!();
}

/// <summary>
/// Carries requests out in batches: one batch at a time, and what is asked for meanwhile gathers for the next. A request that is given up
/// before its batch begins never begins; a batch is stopped when all of its requests were given up.
/// </summary>
/// <param name="most">The most requests of a batch.</param>
/// <param name="carryOut">Ends every request it is given; what it leaves open counts as an error of its own.</param>
internal sealed class Batches<TRequest, TResult>(int most, Func<IReadOnlyList<TRequest>, CancellationToken, Task> carryOut) : IAsyncDisposable
    where TRequest : BatchRequest<TResult>
{
    private readonly object _gate = new();
    private readonly LinkedList<TRequest> _waiting = new();
    private readonly CancellationTokenSource _ended = new();
    private Task _pump = Task.CompletedTask;
    private bool _pumping;

    /// <summary>Asks, and waits for the outcome; also after a stop, until the batch under way lets go of what it was given.</summary>
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
