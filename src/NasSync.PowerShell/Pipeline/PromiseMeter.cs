namespace NasSync.PowerShell.Pipeline;

/// <summary>Turns the tests at one destination into unobtrusive progress lines.</summary>
/// <param name="pace">The pace of the whole command, which may test several places.</param>
/// <param name="place">The destination, for people.</param>
/// <param name="promises">The promises to test, in order.</param>
internal sealed class PromiseMeter(ProgressPace pace, string place, IReadOnlyList<string> promises)
{
    private int _done;

    /// <summary>Notes that the next test has ended; returns a line when one is due, with the name of the running test.</summary>
    public ProgressLine? Next()
    {
        _done++;
        // Shows no time left: one test takes a thousand times as long as another.
        return pace.Due() is null || _done >= promises.Count
            ? null
            : new ProgressLine(promises[_done], $"{place}: {_done} of {promises.Count}", _done * 100 / promises.Count, -1);
    }
}
