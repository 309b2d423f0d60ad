using NasSync.Watching;

namespace NasSync.Transfers;

/// <summary>
/// Pauses an endless run while it must not plan, because the outputs folder is away or the work folder is full. The check is made once for all
/// waiting manifests and repeated after a while. A manifest that may not be planned is handed out again later. Warnings tell people when the pause
/// begins and ends.
/// </summary>
internal sealed class FeedGate(ManifestFeed feed, TimeSpan again, TimeProvider time, Action<TransferEvent> emit)
{
    private bool _isDue = true;
    private Failure? _told;
    private long _askedAt;

    /// <summary>Whether the last check found no obstacle.</summary>
    public bool IsOpen => _told is null;

    /// <summary>Whether a manifest may be planned; otherwise it is given back to the feed.</summary>
    public bool Opens(string manifestPath, Func<Failure?> obstacle)
    {
        // Thousands of manifests may wait, so one check must do for all of them, whether the gate is open or closed.
        if (_isDue || time.GetElapsedTime(_askedAt) >= again) Tell(obstacle());
        if (_told is null) return true;
        feed.Done(manifestPath, again);
        return false;
    }

    /// <summary>Repeats the check before the next manifest, unless the gate is already closed.</summary>
    public void Close() => _isDue = _told is null;

    private void Tell(Failure? failure)
    {
        (_isDue, _askedAt) = (false, time.GetTimestamp());
        if (failure is not null && _told?.Code != failure.Code)
            emit(new TransferEvent.Warned(new Notice(failure.Code, failure.Message, failure.Hint)));
        if (failure is null && _told is not null)
            emit(new TransferEvent.Warned(new Notice("Resumed", "NasSync works again after an interruption.", "There is nothing to do.")));
        _told = failure;
    }
}
