using NasSync.Watching;

namespace NasSync.Transfers;

/// <summary>
/// Holds an endless run back while it must not plan: the outputs folder is away, or the work folder is full. Asked once for all manifests that wait,
/// and again after a while; each is handed out again later, and people are told when it begins and when it is over.
/// </summary>
internal sealed class FeedGate(ManifestFeed feed, TimeSpan again, TimeProvider time, Action<TransferEvent> emit)
{
    private bool _isDue = true;
    private Failure? _told;
    private long _askedAt;

    /// <summary>Whether nothing was held back when it was asked last.</summary>
    public bool IsOpen => _told is null;

    /// <summary>Whether a manifest may be planned; otherwise it is given back.</summary>
    public bool Opens(string manifestPath, Func<Failure?> obstacle)
    {
        // Thousands may wait, before a closed gate as before an open one: it is asked about once for all of them.
        if (_isDue || time.GetElapsedTime(_askedAt) >= again) Tell(obstacle());
        if (_told is null) return true;
        feed.Done(manifestPath, again);
        return false;
    }

    /// <summary>Asks again before the next manifest, unless it is known that none may be planned.</summary>
    public void Close() => _isDue = _told is null;

    private void Tell(Failure? failure)
    {
        (_isDue, _askedAt) = (false, time.GetTimestamp());
        if (failure is not null && _told?.Code != failure.Code)
            emit(new TransferEvent.Warned(new Notice(failure.Code, failure.Message, failure.Hint)));
        if (failure is null && _told is not null)
            emit(new TransferEvent.Warned(new Notice("Resumed", "What kept NasSync from working is over.", "There is nothing to do.")));
        _told = failure;
    }
}
