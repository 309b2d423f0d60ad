using NasSync.PowerShell.Pipeline;

namespace NasSync.PowerShell.Watchers;

/// <summary>Brings what a watcher has to say to a pipeline.</summary>
internal static class WatcherResults
{
    /// <summary>Writes results as they come, and notices, until there were enough or the watcher has ended; then why, if it broke off.</summary>
    /// <param name="run">The watcher.</param>
    /// <param name="most">So many results; null: until its end.</param>
    /// <param name="writer">The pipeline.</param>
    /// <param name="cancellationToken">Ends the waiting; the watcher goes on.</param>
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
