namespace NasSync.PowerShell.Pipeline;

/// <summary>Turns the events of a verification into unobtrusive progress lines.</summary>
internal sealed class VerifyMeter(ProgressPace pace)
{
    private long _chosen;
    private long _done;

    /// <summary>Processes an event; returns a line when one is due.</summary>
    public ProgressLine? Observe(VerifyEvent happened)
    {
        if (happened is VerifyEvent.Begun begun) _chosen = begun.Chosen;
        if (happened is not VerifyEvent.Found { Finding: var finding }) return null;
        _done++;
        if (pace.Due() is not { } elapsed) return null;
        var percent = _chosen > 0 ? (int)Math.Clamp(100 * _done / _chosen, 0, 100) : -1;
        var left = _chosen >= _done ? (int)Math.Min(elapsed.TotalSeconds * (_chosen - _done) / _done, int.MaxValue) : -1;
        return new ProgressLine(Path.GetFileName(finding.Copy.Target.Path), $"{_done} of {_chosen} copies", percent, left);
    }
}
