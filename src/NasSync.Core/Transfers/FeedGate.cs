namespace NasSync.Transfers;

/// <summary>
/// Holds an endless run back while it must not plan: the outputs folder is away, or the work folder is full. Asked once for all manifests that wait;
/// each is handed out again later, and people are told when it begins and when it is over.
/// </summary>
internal sealed class FeedGate(IManifestFeed feed, TimeSpan again, TimeProvider time, Action<TransferEvent> emit)
{
    private bool _isOpen;
    private Failure? _told;
    private long _askedAt;

    /// <summary>Whether a manifest may be planned; otherwise it is given back.</summary>
    public bool Opens(string manifestPath, Func<Failure?> obstacle)
    {
        if (_isOpen) return true;

        // Thousands may wait: while it is closed it is asked about once for all of them.
        var failure = _told;
        if (failure is null || time.GetElapsedTime(_askedAt) >= again) (failure, _askedAt) = (obstacle(), time.GetTimestamp());
        if (failure is null)
        {
            if (_told is not null) emit(new TransferEvent.Warned(new Notice("Resumed", "What kept NasSync from working is over.", "There is nothing to do.")));
            _told = null;
            return _isOpen = true;
        }

        if (_told?.Code != failure.Code) emit(new TransferEvent.Warned(new Notice(failure.Code, failure.Message, failure.Hint)));
        _told = failure;
        feed.Done(manifestPath, again);
        return false;
    }

    /// <summary>Asks again before the next manifest.</summary>
    public void Close() => _isOpen = false;
}
