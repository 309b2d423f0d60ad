namespace NasSync.Failures;

/// <summary>
/// Stops contacting a place that does not answer. After a number of consecutive failures the breaker is open and fails every call at once; after a
/// while it lets one probe through, whose outcome closes it or opens it again. Only failures of the place count, never those of a single item.
/// </summary>
internal sealed class CircuitBreaker(string place, int failuresToOpen, TimeSpan openFor, TimeProvider time)
{
    private readonly object _gate = new();
    private int _failures;
    private long _openedAt;
    private bool _isOpen;
    private bool _isProbing;
    private Failure? _last;

    /// <summary>Whether calls fail at once.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_gate) return _isOpen;
        }
    }

    /// <summary>Must be called before each call to the place.</summary>
    /// <exception cref="FailureException">The breaker is open (class Unavailable, code BreakerOpen).</exception>
    public void Enter()
    {
        lock (_gate)
        {
            if (!_isOpen) return;
            if (!_isProbing && time.GetElapsedTime(_openedAt) >= openFor)
            {
                _isProbing = true;
                return;
            }

            throw new FailureException(new Failure(
                FailureClass.Unavailable,
                "BreakerOpen",
                $"{place} failed {_failures} times in a row and is left alone for a while; last: {_last?.Message}",
                _last?.Hint ?? "Look at the failures before this one.")
            {
                // The class stays Unavailable, so that the next run tries the items, which were not tried here; the cause decides the exit code.
                CauseClass = _last?.Class is FailureClass.Auth or FailureClass.NoSpace ? _last.Class : null,
            });
        }
    }

    /// <summary>
    /// Notes that the place answered a query. This proves nothing about writing, so it closes the breaker after
    /// a probe but otherwise leaves the count of failed copies as it is.
    /// </summary>
    public void Answered()
    {
        lock (_gate)
        {
            if (_isProbing) Succeeded();
        }
    }

    /// <summary>Notes that the place accepted a copy, or refused it for a reason of the item itself.</summary>
    public void Succeeded()
    {
        lock (_gate)
        {
            _failures = 0;
            _isOpen = _isProbing = false;
        }
    }

    /// <summary>
    /// Notes that a call ended without an answer from the place, for example because it was stopped. This proves nothing: an open breaker stays open,
    /// and the next call is the probe.
    /// </summary>
    public void Unanswered()
    {
        lock (_gate) _isProbing = false;
    }

    /// <summary>Notes that a call failed.</summary>
    public void Failed(Failure failure)
    {
        if (failure.Code == "Stopped")
        {
            Unanswered();
            return;
        }

        // A place that asks for less load does answer, but it has accepted no copy.
        if (failure.Class == FailureClass.Throttled)
        {
            Answered();
            return;
        }

        if (!IsOfThePlace(failure))
        {
            Succeeded();
            return;
        }

        lock (_gate)
        {
            _failures++;
            _last = failure;
            if (!_isProbing && _failures < failuresToOpen) return;
            _isOpen = true;
            _isProbing = false;
            _openedAt = time.GetTimestamp();
        }
    }

    // A full or refusing place fails every item; a taken name or a wrong byte concerns one item only.
    private static bool IsOfThePlace(Failure failure) =>
        failure.Class is FailureClass.Transient or FailureClass.Unavailable or FailureClass.NoSpace or FailureClass.Auth
            && failure.Code is not ("CopyCorrupt" or "SourceChanged");
}
