namespace NasSync.Destinations.S3;

/// <summary>
/// Limits the simultaneous requests to one server: halves the limit after an overload, adds one after every round without an error, and starts no
/// request while the server asks for a rest. May be called from any thread.
/// </summary>
/// <param name="most">The maximum limit.</param>
/// <param name="time">The clock.</param>
internal sealed class S3Pace(int most, TimeProvider time) : IDisposable
{
    /// <summary>
    /// The longest rest that a request waits for itself. A longer one is reported to the caller, which has other places to feed meanwhile.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    // The longest rest that a server can ask for: a wrong header must not end the day's work.
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(5);

    // The turn of a request that was not sent.
    private const int NoTurn = -1;

    private readonly object _gate = new();
    private readonly int _most = most;
    private readonly SemaphoreSlim _free = new(most);
    private int _limit = most;
    private int _owed;
    private int _good;
    private int _round;
    private bool _isEnded;
    private DateTimeOffset _restUntil;

    /// <summary>The current limit of simultaneous requests.</summary>
    public int Limit
    {
        get
        {
            lock (_gate) return _limit;
        }
    }

    /// <summary>Waits for a turn and returns its round; the caller ends it with <see cref="Leave"/>.</summary>
    /// <exception cref="S3RestException">The server asks for a longer rest than <see cref="Patience"/>.</exception>
    public async ValueTask<int> EnterAsync(CancellationToken cancellationToken)
    {
        await RestAsync(cancellationToken).ConfigureAwait(false);
        await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // The server may have asked for a rest while this request waited for its turn.
            await RestAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            Leave(NoTurn, outcome: null);
            throw;
        }

        lock (_gate) return _round;
    }

    /// <summary>Ends a turn and adjusts the limit.</summary>
    /// <param name="turn">The value that <see cref="EnterAsync"/> returned.</param>
    /// <param name="outcome">True: success; false: the server was overloaded; null: says nothing about its load.</param>
    public void Leave(int turn, bool? outcome)
    {
        lock (_gate)
        {
            // Requests from before the last cut report the load before it: a burst of refusals is one cut, not ten.
            if (turn == _round && outcome == false) Cut();
            else if (turn == _round && outcome == true && _limit < _most && ++_good >= _limit) Grow();
            if (_owed > 0) _owed--;
            else if (!_isEnded) _free.Release();
        }
    }

    /// <summary>Notes that the server asks for a rest; a longer rest that it asked for before stays.</summary>
    public void Rest(TimeSpan span)
    {
        var until = time.GetUtcNow() + (span < LongestRest ? span : LongestRest);
        lock (_gate)
        {
            if (until > _restUntil) _restUntil = until;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Requests that are cancelled together with the connections still end their turns.
        lock (_gate) _isEnded = true;
        _free.Dispose();
    }

    private async ValueTask RestAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            TimeSpan rest;
            lock (_gate) rest = _restUntil - time.GetUtcNow();
            if (rest <= TimeSpan.Zero) return;
            if (rest > Patience) throw new S3RestException(rest);
            await Task.Delay(rest, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Cut()
    {
        var limit = Math.Max(1, _limit / 2);
        _owed += _limit - limit;
        (_limit, _good, _round) = (limit, 0, _round + 1);
    }

    private void Grow()
    {
        (_limit, _good) = (_limit + 1, 0);
        if (_owed > 0) _owed--;
        else if (!_isEnded) _free.Release();
    }
}

/// <summary>The server asked for a rest, so the request was not sent, or not repeated.</summary>
internal sealed class S3RestException(TimeSpan rest) : Exception($"the server asks to be left alone for {rest.TotalSeconds:0} s")
{
    /// <summary>The remaining rest.</summary>
    public TimeSpan Rest => rest;
}
