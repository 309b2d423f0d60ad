namespace NasSync.PowerShell.Pipeline;

/// <summary>Turns the events of a run into progress lines that do not disturb.</summary>
internal sealed class ProgressMeter(TimeProvider time)
{
    private readonly ProgressPace _pace = new(time);
    private readonly Dictionary<(string Manifest, string Artifact, string? Target), long> _moving = [];
    private long _planned;
    private long _done;

    /// <summary>Takes notice of an event; answers a line when one is due.</summary>
    public ProgressLine? Observe(TransferEvent happened)
    {
        switch (happened)
        {
            case TransferEvent.Planned planned:
                _planned += planned.Plan.BytesToSend;
                return null;
            case TransferEvent.Started started:
                return Due(started.Item);
            case TransferEvent.Progress progress:
                _moving[Key(progress.Item)] = progress.Bytes;
                return Due(progress.Item);
            case TransferEvent.Committed committed:
                return Finish(committed.Item);
            case TransferEvent.Failed { Item: { } item }:
                return Finish(item);
            default:
                return null;
        }
    }

    // A failed item counts as done: its bytes will not move any more, and the bar should still reach its end.
    private ProgressLine? Finish(PlanItem item)
    {
        _moving.Remove(Key(item));
        _done += item.BytesToSend;
        return Due(item);
    }

    private ProgressLine? Due(PlanItem item)
    {
        if (_pace.Due() is not { } elapsed) return null;
        var sent = _done + _moving.Values.Sum();
        var percent = _planned > 0 ? (int)Math.Clamp(sent * 100.0 / _planned, 0, 100) : -1;
        var remaining = sent > 0 && _planned >= sent ? (int)Math.Min(elapsed.TotalSeconds * (_planned - sent) / sent, int.MaxValue) : -1;
        return new ProgressLine(item.Artifact.Path.FileName, $"{Readable.Size(sent)} of {Readable.Size(_planned)}", percent, remaining);
    }

    private static (string Manifest, string Artifact, string? Target) Key(PlanItem item) =>
        (item.Manifest.Path, item.Artifact.Path.Value, item.Target?.Key);
}
