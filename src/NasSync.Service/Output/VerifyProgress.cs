using System.Globalization;

namespace NasSync.Service.Output;

/// <summary>Progress of a verification, as one line on a terminal; it appears only when the verification lasts, and leaves nothing behind.</summary>
internal sealed class VerifyProgress(TextWriter terminal, int width, TimeProvider time)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly long _start = time.GetTimestamp();
    private long? _drawnAt;
    private bool _isShown;
    private long _chosen;
    private long _done;
    private long _lost;
    private long _read;

    /// <summary>Processes the next event, and redraws when it is time.</summary>
    public void Show(VerifyEvent verifyEvent)
    {
        if (verifyEvent is VerifyEvent.Begun begun) _chosen = begun.Chosen;
        if (verifyEvent is not VerifyEvent.Found { Finding: var finding }) return;
        _done++;
        if (finding.IsLost) _lost++;
        if (finding.FoundSha256 is not null) _read += finding.Size;
        var elapsed = time.GetElapsedTime(_start);
        if (elapsed < Quiet || (_drawnAt is { } drawn && time.GetElapsedTime(drawn) < Pause)) return;
        Clear();
        var percent = _chosen <= 0 ? 100 : Math.Min(100, 100 * _done / _chosen);
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{percent,3}%  {_done:N0} of {Amounts.Count(_chosen, "copy", "copies")}  {_lost:N0} lost  "
                + $"{Amounts.Size(_read)} read  {Amounts.Size((long)(_read / elapsed.TotalSeconds))}/s");
        terminal.Write(Cells.Shorten(line, width - 1) + "\n");
        terminal.Flush();
        (_isShown, _drawnAt) = (true, time.GetTimestamp());
    }

    /// <summary>Removes the line, so that other lines can be printed.</summary>
    public void Clear()
    {
        if (!_isShown) return;
        terminal.Write("\u001b[1A\u001b[J");
        terminal.Flush();
        _isShown = false;
    }
}
