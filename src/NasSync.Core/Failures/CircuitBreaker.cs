namespace NasSync.Failures;

/// <summary>
/// Stops asking a place that does not answer: after some failures in a row it is open and answers at once; after a while it lets one call
/// through, whose outcome closes it or opens it again. Only failures of the place count, never those of one item.
/// </summary>
internal sealed class CircuitBreaker(string place, int failuresToOpen, TimeSpan openFor, TimeProvider time)
{
    private readonly object _gate = new();
    private int _failures;
    private long _openedAt;
    private bool _isOpen;
    private bool _isProbing;
    private Failure? _last;

    /// <summary>Whether calls are answered at once with a failure.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_gate) return _isOpen;
        }
    }

    /// <summary>Must be called before each call to the place.</summary>
    /// <exception cref="FailureException">It is open (class Unavailable, code BreakerOpen).</exception>
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
                // The items were not tried, so that the next run tries them in any case; the exit code is that of the cause.
                Behind = _last?.Class is FailureClass.Auth or FailureClass.NoSpace ? _last.Class : null,
            });
        }
    }

    /// <summary>The place answered a question: it is there. That says nothing of writing, so the failures of copies go on counting.</summary>
    public void Answered()
    {
        lock (_gate)
        {
            if (_isProbing) Succeeded();
        }
    }

    /// <summary>The place took what it was given, or refused it for the item's own reason.</summary>
    public void Succeeded()
    {
        lock (_gate)
        {
            _failures = 0;
            _isOpen = _isProbing = false;
        }
    }

    /// <summary>A call failed.</summary>
    public void Failed(Failure failure)
    {
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

    // A full or refusing place fails every item alike; a taken name or a wrong byte is one item's business.
    private static bool IsOfThePlace(Failure failure) =>
        failure.Class is FailureClass.Transient or FailureClass.Unavailable or FailureClass.NoSpace or FailureClass.Auth
            && failure.Code is not ("CopyCorrupt" or "SourceChanged" or "Stopped");
}
