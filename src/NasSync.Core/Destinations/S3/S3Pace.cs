namespace NasSync.Destinations.S3;

/// <summary>
/// How many requests may be on their way to one server: half as many after it was overwhelmed, one more after every round that went well, and
/// none at all while it asks to be left alone. May be called from any thread.
/// </summary>
/// <param name="most">Requests at a time when all goes well.</param>
/// <param name="time">The clock.</param>
internal sealed class S3Pace(int most, TimeProvider time) : IDisposable
{
    /// <summary>What a request waits for by itself. Longer rests are told to the caller, who has other places to feed meanwhile.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    // What a server can ask for; a mistaken header must not end the day's work.
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(5);

    private readonly object _gate = new();
    private readonly int _most = most;
    private readonly SemaphoreSlim _free = new(most);
    private int _limit = most;
    private int _owed;
    private int _good;
    private int _round;
    private bool _isEnded;
    private DateTimeOffset _restUntil;

    /// <summary>Requests that may be on their way now.</summary>
    public int Limit
    {
        get
        {
            lock (_gate) return _limit;
        }
    }

    /// <summary>Waits for a turn; whoever has it gives it back through <see cref="Leave"/>.</summary>
    /// <exception cref="S3RestException">The server wants to be left alone for longer than is worth waiting.</exception>
    public async ValueTask<int> EnterAsync(CancellationToken cancellationToken)
    {
        await RestAsync(cancellationToken).ConfigureAwait(false);
        await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (_gate) return _round;
    }

    /// <summary>Ends a turn.</summary>
    /// <param name="turn">What <see cref="EnterAsync"/> gave.</param>
    /// <param name="outcome">True: it went well; false: the server was overwhelmed; null: says nothing of its load.</param>
    public void Leave(int turn, bool? outcome)
    {
        lock (_gate)
        {
            // Those that left before the last cut tell of the load before it: a burst of refusals is one cut, not ten.
            if (turn == _round && outcome == false) Cut();
            else if (turn == _round && outcome == true && _limit < _most && ++_good >= _limit) Grow();
            if (_owed > 0) _owed--;
            else if (!_isEnded) _free.Release();
        }
    }

    /// <summary>The server asks to be left alone; a longer rest that it asked for before stays.</summary>
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
        // Requests that are broken off with the connections still give their turns back.
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

/// <summary>The server asked to be left alone; the request was not made, or not made again.</summary>
internal sealed class S3RestException(TimeSpan rest) : Exception($"the server asks to be left alone for {rest.TotalSeconds:0} s")
{
    /// <summary>For how long.</summary>
    public TimeSpan Rest => rest;
}
