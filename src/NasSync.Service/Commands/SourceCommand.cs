using System.CommandLine;
using NasSync.Service.Output;

namespace NasSync.Service.Commands;

/// <summary><c>nassync source accept</c>: accepts the current outputs folder as the right one, after it was set up again.</summary>
internal static class SourceCommand
{
    /// <summary>Creates the command with its subcommand.</summary>
    public static Command Create(Shell shell, GlobalOptions globals)
    {
        var accept = new Command("accept", "Accept the outputs folder as it is now, after its disk was replaced or its marker removed on purpose.");
        var wait = WaitOption.Create();
        accept.Options.Add(wait);
        accept.SetAction(async (parsed, stop) => (int)await AcceptAsync(shell, globals, parsed, parsed.GetValue(wait), stop));
        return new Command("source", "Accept the outputs folder after it was replaced.") { accept };
    }

    private static async Task<ExitCode> AcceptAsync(Shell shell, GlobalOptions globals, ParseResult parsed, TimeSpan wait, CancellationToken stop)
    {
        if (globals.Load(parsed) is not { } config) return ExitCode.ConfigInvalid;
        var outputs = config.OutputsDir ?? throw new FailureException(CommandFailure.NoOutputsFolder("accept"));
        using var turn = await WaitOption.TakeTurnAsync(shell, config, wait, stop);
        if (!turn.Ledger.ForgetSource(outputs))
            throw new FailureException(CommandFailure.NothingToAccept($"No run has seen a job in {outputs} yet"));
        return AcceptOutput.Show(
            shell,
            globals.Json(parsed),
            outputs,
            $"{outputs} is accepted as it is now; the next run that finds a job there remembers it.");
    }
}
