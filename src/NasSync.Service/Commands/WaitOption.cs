using System.CommandLine;
using NasSync.Config;
using NasSync.Ledgers;

namespace NasSync.Service.Commands;

/// <summary>The option <c>--wait TIME</c> of the commands that need exclusive use of the work folder.</summary>
internal static class WaitOption
{
    /// <summary>Creates the option; the default is not to wait.</summary>
    public static Option<TimeSpan> Create() => new("--wait")
    {
        Description = "Wait up to this time for another run that holds the work folder (30s, 5m, 1h; a plain number is seconds), "
            + "then give up. Default: do not wait.",
        HelpName = "TIME",
        CustomParser = result =>
        {
            var (wait, problem) = Durations.Parse(result.Tokens[0].Value);
            if (problem is not null) result.AddError($"--wait: {problem}");
            return wait;
        },
    };

    /// <summary>Takes the turn at the work folder; reports once when it must wait.</summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="FailureException">See <see cref="WorkTurn.Take"/>.</exception>
    public static async Task<WorkTurn> TakeTurnAsync(Shell shell, SyncConfig config, TimeSpan wait, CancellationToken stop)
    {
        var turn = new WorkTurn(config, shell.Environment, wait, shell.Time);
        try
        {
            if (turn.Take() is not { } held) return turn;
            shell.Warn(held.ToString());
            if (!await turn.WaitAsync(stop)) throw new OperationCanceledException(stop);
            return turn;
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }
}
