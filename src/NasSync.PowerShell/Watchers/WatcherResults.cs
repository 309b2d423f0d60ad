using NasSync.PowerShell.Pipeline;

namespace NasSync.PowerShell.Watchers;

/// <summary>Passes a watcher's results and notices to a pipeline.</summary>
internal static class WatcherResults
{
    /// <summary>
    /// Writes results and notices as they arrive, until there are enough or the watcher has ended; then the failure, if it ended early.
    /// </summary>
    /// <param name="run">The watcher.</param>
    /// <param name="most">Maximum number of results; null: until the watcher ends.</param>
    /// <param name="writer">The pipeline.</param>
    /// <param name="cancellationToken">Ends the wait; the watcher continues.</param>
    public static async Task WriteAsync(WatcherRun run, int? most, PipelineWriter writer, CancellationToken cancellationToken)
    {
        for (var written = 0; written < (most ?? int.MaxValue)
            && await run.Results.WaitToReadAsync(cancellationToken).ConfigureAwait(false); written++)
        {
            Tell(run, writer);
            if (run.Results.TryRead(out var result)) writer.WriteObject(result);
        }

        Tell(run, writer);
        if (run.Watcher is { State: SyncWatcherState.Failed, Failure: { } failure }) writer.WriteFailure(failure, run.Watcher);
    }

    private static void Tell(WatcherRun run, PipelineWriter writer)
    {
        while (run.Notices.TryRead(out var notice)) writer.WriteNotice(notice);
    }
}
