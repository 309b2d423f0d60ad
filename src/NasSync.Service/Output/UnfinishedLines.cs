using System.CommandLine;
using System.CommandLine.Parsing;

namespace NasSync.Service.Output;

/// <summary>The last JSON lines of a command that could not do its work: what failed, and the line that the command always ends with.</summary>
internal static class UnfinishedLines
{
    /// <summary>Writes them.</summary>
    /// <param name="output">Standard output.</param>
    /// <param name="parsed">The words of the command line, also wrong ones.</param>
    /// <param name="command">The command, as people write it.</param>
    /// <param name="failure">What failed; null when it was stopped, or when that was said already.</param>
    /// <param name="exitCode">How the program ends.</param>
    public static void Write(TextWriter output, ParseResult parsed, string command, Failure? failure, ExitCode exitCode)
    {
        if (failure is not null) JsonLines.Write(output, new TransferEvent.Failed(command, failure));
        var failed = failure is null ? 0 : 1;
        var dryRun = command == "nassync plan" || Has("--dry-run");
        switch (command)
        {
            case "nassync retry" when Has("--forget"):
                JsonLines.Write(output, "finished", json =>
                {
                    json.WriteNumber("forgotten", 0);
                    json.WriteBoolean("dryRun", dryRun);
                    json.WriteNumber("exitCode", (int)exitCode);
                });
                break;
            case "nassync sync" or "nassync plan" or "nassync retry" or "nassync watch":
                var result = new SyncResult { Failed = failed, DryRun = dryRun, Stopped = exitCode == ExitCode.Stopped, ExitCode = exitCode };
                JsonLines.Write(output, new TransferEvent.Finished(result));
                break;
            case "nassync verify":
                var verified = new VerifyResult { Failed = failed, Stopped = exitCode == ExitCode.Stopped, ExitCode = exitCode };
                new VerifyJsonOutput(output).Show(new VerifyEvent.Finished(verified), planFile: null, planned: 0);
                break;
            default:
                var last = command == "nassync destination test" ? "tested" : "finished";
                JsonLines.Write(output, last, json => json.WriteNumber("exitCode", (int)exitCode));
                break;
        }

        bool Has(string option) => parsed.Tokens.Any(token => token.Type == TokenType.Option && token.Value == option);
    }
}
