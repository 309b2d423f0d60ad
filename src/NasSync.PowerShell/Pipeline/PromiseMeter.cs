namespace NasSync.PowerShell.Pipeline;

/// <summary>Turns the trials at one destination into progress lines that do not disturb.</summary>
/// <param name="pace">The pace of the whole command, which may try several places.</param>
/// <param name="place">The destination, for people.</param>
/// <param name="promises">The promises that are tried, in order.</param>
internal sealed class PromiseMeter(ProgressPace pace, string place, IReadOnlyList<string> promises)
{
    private int _done;

    /// <summary>Takes notice that the next trial has ended; answers a line when one is due. It names the trial that runs now.</summary>
    public ProgressLine? Next()
    {
        _done++;
        // The time that is left is not told: one trial takes a thousand times as long as another.
        return pace.Due() is null || _done >= promises.Count
            ? null
            : new ProgressLine(promises[_done], $"{place}: {_done} of {promises.Count}", _done * 100 / promises.Count, -1);
    }
}
