using NasSync.Config;
using NasSync.Ledgers;
using NasSync.PowerShell.Pipeline;

namespace NasSync.PowerShell;

/// <summary>The turn to write into a work folder, for cmdlets that start no run.</summary>
internal static class Turn
{
    /// <summary>Takes the turn; waits up to <paramref name="wait"/> while another run holds it, after a notice.</summary>
    /// <exception cref="FailureException">Another run holds it for longer, or the ledger cannot be used.</exception>
    /// <exception cref="OperationCanceledException">The pipeline was stopped.</exception>
    public static async Task<WorkTurn> TakeAsync(SyncConfig config, TimeSpan wait, PipelineWriter writer, CancellationToken cancellationToken)
    {
        var turn = new WorkTurn(config, null, wait);
        try
        {
            if (turn.Take() is not { } held) return turn;
            writer.WriteNotice(held);
            if (await turn.WaitAsync(cancellationToken).ConfigureAwait(false)) return turn;
            throw new OperationCanceledException(cancellationToken);
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }
}
