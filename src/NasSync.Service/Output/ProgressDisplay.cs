using System.Globalization;
using System.Text;

namespace NasSync.Service.Output;

/// <summary>
/// Progress on a terminal: one line of bytes, rate and time left, and up to three files in flight. It appears only in runs that last, is redrawn at
/// most five times a second, and leaves nothing behind.
/// </summary>
internal sealed class ProgressDisplay(TextWriter terminal, int width, TimeProvider time)
{
    private const int FilesShown = 3;
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly Dictionary<(string, string, string?), Running> _running = [];
    private readonly long _start = time.GetTimestamp();
    private long? _firstByteAt;
    private long? _drawnAt;
    private int _lines;
    private long _planned;
    private long _sent;
    private long _items;
    private long _done;

    /// <summary>Processes the next event, and redraws when it is time.</summary>
    public void Show(TransferEvent transferEvent)
    {
        switch (transferEvent)
        {
            case TransferEvent.Planned planned:
                _planned += planned.Plan.BytesToSend;
                _items += planned.Plan.Items.Count;
                break;
            case TransferEvent.Started started:
                _firstByteAt ??= time.GetTimestamp();
                _running[Key(started.Item)] = new Running(Path.GetFileName(started.Item.Artifact.Path), started.Item.BytesToSend);
                break;
            case TransferEvent.Progress progress:
                if (_running.TryGetValue(Key(progress.Item), out var running)) running.Bytes = progress.Bytes;
                break;
            case TransferEvent.Committed committed:
                End(committed.Item, committed.Item.BytesToSend);
                break;
            case TransferEvent.Skipped skipped:
                End(skipped.Item, 0);
                break;
            case TransferEvent.Failed { Item: { } item }:
                // Bytes that will not be sent do not count for the time left.
                _planned -= item.BytesToSend;
                End(item, 0);
                break;
            case TransferEvent.Finished:
                Clear();
                return;
        }

        if (time.GetElapsedTime(_start) < Quiet || (_drawnAt is { } drawn && time.GetElapsedTime(drawn) < Pause)) return;
        Draw();
    }

    /// <summary>Removes the display, so that lines can be printed; the next event shows it again.</summary>
    public void Clear()
    {
        if (_lines == 0) return;
        terminal.Write(string.Create(CultureInfo.InvariantCulture, $"\u001b[{_lines}A\u001b[J"));
        terminal.Flush();
        _lines = 0;
    }

    private void End(PlanItem item, long bytes)
    {
        _running.Remove(Key(item));
        _sent += bytes;
        _done++;
    }

    private void Draw()
    {
        var text = new StringBuilder();
        if (_lines > 0) text.Append(CultureInfo.InvariantCulture, $"\u001b[{_lines}A\u001b[J");
        _lines = 1;
        text.Append(Cells.Shorten(Overall(), width - 1)).Append('\n');
        foreach (var file in _running.Values.Take(FilesShown))
        {
            var percent = Percent(file.Bytes, file.Size);
            text.Append(Cells.Shorten($"  {percent}  {SafeText.Show(file.Name)}", width - 1)).Append('\n');
            _lines++;
        }

        terminal.Write(text);
        terminal.Flush();
        _drawnAt = time.GetTimestamp();
    }

    private string Overall()
    {
        var sent = _sent + _running.Values.Sum(file => file.Bytes);
        var seconds = _firstByteAt is { } first ? time.GetElapsedTime(first).TotalSeconds : 0;
        var rate = seconds > 0 ? sent / seconds : 0;
        var left = rate > 0 && _planned > sent ? $"  ETA {Amounts.Clock(TimeSpan.FromSeconds(Math.Min((_planned - sent) / rate, 359_999)))}" : "";
        return $"{Percent(sent, _planned)}  {Amounts.Size(sent)} of {Amounts.Size(_planned)}  {Amounts.Size((long)rate)}/s{left}"
            + $"  {_done} of {Amounts.Count(_items, "item", "items")}";
    }

    private static string Percent(long part, long whole) =>
        string.Create(CultureInfo.InvariantCulture, $"{(whole <= 0 ? 0 : Math.Clamp(100 * part / whole, 0, 100)),3}%");

    private static (string, string, string?) Key(PlanItem item) => (item.JobId, item.Artifact.Path, item.Target?.Display);

    private sealed class Running(string name, long size)
    {
        public string Name { get; } = name;

        public long Size { get; } = size;

        public long Bytes { get; set; }
    }
}
