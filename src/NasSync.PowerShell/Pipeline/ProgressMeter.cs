namespace NasSync.PowerShell.Pipeline;

/// <summary>
/// Turns the events of a run into unobtrusive progress lines: one bar for the whole run, and one for each of up to three transfers.
/// </summary>
internal sealed class ProgressMeter(TimeProvider time)
{
    // More bars would push the command's output off the screen.
    private const int Bars = 3;
    private readonly ProgressPace _pace = new(time);
    private readonly Dictionary<(string Manifest, string Artifact, string? Target), MovingFile> _moving = [];
    private readonly MovingFile?[] _bars = new MovingFile?[Bars];
    private long _planned;
    private long _done;

    /// <summary>Processes an event; returns the lines of all bars when they are due.</summary>
    public IReadOnlyList<ProgressLine> Observe(TransferEvent happened)
    {
        switch (happened)
        {
            case TransferEvent.Planned planned:
                _planned += planned.Plan.BytesToSend;
                return [];
            case TransferEvent.Started started:
                return Move(started.Item, 0);
            case TransferEvent.Progress progress:
                return Move(progress.Item, progress.Bytes);
            case TransferEvent.Committed committed:
                return Finish(committed.Item);
            case TransferEvent.Failed { Item: { } item }:
                return Finish(item);
            default:
                return [];
        }
    }

    private IReadOnlyList<ProgressLine> Move(PlanItem item, long bytes)
    {
        if (!_moving.TryGetValue(Key(item), out var file)) _moving[Key(item)] = file = new MovingFile(item, time);
        file.Bytes = bytes;
        return Due(item);
    }

    // A failed item counts as done: its bytes will not move any more, and the bar should still reach its end.
    private IReadOnlyList<ProgressLine> Finish(PlanItem item)
    {
        _moving.Remove(Key(item));
        _done += item.BytesToSend;
        return Due(item);
    }

    private IReadOnlyList<ProgressLine> Due(PlanItem item)
    {
        if (_pace.Due() is not { } elapsed) return [];
        var sent = _done + _moving.Values.Sum(file => file.Bytes);
        return [ProgressMath.Line(Path.GetFileName(item.Artifact.Path), sent, _planned, elapsed), .. Transfers()];
    }

    // A bar keeps its file until the file is done; then the file that has waited longest takes the bar over.
    private IEnumerable<ProgressLine> Transfers()
    {
        for (var i = 0; i < Bars; i++)
        {
            var before = _bars[i];
            if (before is null || !_moving.ContainsValue(before))
                _bars[i] = _moving.Values.Where(file => !_bars.Contains(file)).MinBy(file => file.Begun);
            if (_bars[i] is { } shown) yield return shown.Line() with { Bar = i + 1 };
            else if (before is not null) yield return before.Line() with { Bar = i + 1, IsDone = true };
        }
    }

    private static (string Manifest, string Artifact, string? Target) Key(PlanItem item) =>
        (item.Manifest.Path, item.Artifact.Path, item.Target?.Key);
}
