using System.CommandLine;
using System.Globalization;
using NasSync.Config;
using NasSync.Service.Output;
using NasSync.Verifying;

namespace NasSync.Service.Commands;

/// <summary><c>nassync verify</c>: checks recorded copies again, and shows what a repair would do. Changes nothing.</summary>
internal static class VerifyCommand
{
    /// <summary>Creates the command with its options.</summary>
    public static Command Create(Shell shell, GlobalOptions globals)
    {
        var paths = new Argument<string[]>("PATH")
        {
            Description = "Manifests, job folders or outputs folders; only their copies are checked. Default: every copy in the ledger.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var destination = new Option<string[]>("--destination")
        {
            Description = "Only the copies at these destinations: names, or local folders.",
            HelpName = "NAME",
            AllowMultipleArgumentsPerToken = false,
        };
        var job = new Option<string?>("--job") { Description = "Only the copies of one job.", HelpName = "ID" };
        var sample = new Option<VerifySample?>("--sample")
        {
            Description = "Only a random sample of them: a percentage (5%) or a number (200).",
            HelpName = "N[%]",
            CustomParser = result =>
            {
                if (VerifySample.TryParse(result.Tokens[0].Value, out var given)) return given;
                result.AddError($"--sample takes a part such as 5% or a number such as 200, and '{result.Tokens[0].Value}' is neither.");
                return null;
            },
        };
        var seed = new Option<int?>("--seed")
        {
            Description = "Repeat an earlier sample: the number that the earlier verify printed.",
            HelpName = "N",
            CustomParser = result =>
            {
                if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return number;
                result.AddError($"--seed takes a whole number from 0, and '{result.Tokens[0].Value}' is none.");
                return null;
            },
        };
        var quick = new Option<bool>("--quick") { Description = "Compare size and time, and read a copy only if they differ." };
        var plan = new Option<string?>("--plan") { Description = "Write the copies to repair to a file, for sync --repair.", HelpName = "FILE" };
        var command = new Command("verify", "Check earlier copies: are they still there, and unchanged?")
        {
            paths, destination, job, sample, seed, quick, plan,
        };
        var items = ItemOptions.AddTo(command, paths);
        command.Validators.Add(result =>
        {
            if (result.GetResult(seed) is { Implicit: false } && result.GetResult(sample) is null or { Implicit: true })
                result.AddError("--seed chooses a sample: give --sample too.");
        });
        command.SetAction(async (parsed, stop) => (int)await VerifyAsync(shell, globals, parsed, new VerifyRequest
        {
            Paths = [.. (parsed.GetValue(paths) ?? []).Select(shell.FullPath)],
            Only = items.Of(parsed, shell),
            Destinations = [.. (parsed.GetValue(destination) ?? []).Select(name => Shell.IsPath(name) ? shell.FullPath(name) : name)],
            Jobs = parsed.GetValue(job) is { } one ? [one] : [],
            Sample = parsed.GetValue(sample),
            Seed = parsed.GetValue(seed),
            Quick = parsed.GetValue(quick),
        }, parsed.GetValue(plan) is { } file ? shell.FullPath(file) : null, stop));
        return command;
    }

    private static async Task<ExitCode> VerifyAsync(
        Shell shell, GlobalOptions globals, ParseResult parsed, VerifyRequest request, string? planFile, CancellationToken stop)
    {
        if (globals.Load(parsed, request.Paths.Count > 0 ? request.Paths[0] : null) is not { } config) return ExitCode.ConfigInvalid;
        using var log = globals.Log(parsed, config);
        var engine = new VerifyEngine(config, shell.Time) { Log = log };
        RequireKnown(engine, request);
        var json = globals.Json(parsed);
        var progress = shell.ErrorWidth is { } width && !json && !globals.ShowsDebug(parsed)
            ? new VerifyProgress(shell.Error, width, shell.Time)
            : null;
        Action clear = progress is null ? () => { } : progress.Clear;
        IVerifyOutput output = json
            ? new VerifyJsonOutput(shell.Out)
            : new VerifyTableOutput(shell, globals.LogLevel(parsed) ?? LogLevel.Info, clear);
        using var plan = planFile is null ? null : RepairPlanWriter.Create(planFile, config.WorkDir, shell.Time.GetUtcNow());
        VerifyResult? result = null;
        try
        {
            await foreach (var happened in engine.RunAsync(request, stop))
            {
                var verifyEvent = shell.Words.Of(happened);
                if (verifyEvent is VerifyEvent.Warned warned) shell.Tell(warned.Notice);
                if (verifyEvent is VerifyEvent.Found found) plan?.Add(found.Finding);
                progress?.Show(verifyEvent);
                if (verifyEvent is VerifyEvent.Finished finished)
                {
                    result = finished.Result;

                    // The summary names the plan, so the file must exist by then. Even the partial plan of a stopped run is useful.
                    plan?.Commit();
                }

                output.Show(verifyEvent, planFile, plan?.Entries ?? 0);
                globals.HasEnded = result is not null;
            }
        }
        finally
        {
            progress?.Clear();
        }

        return result!.ExitCode;
    }

    private static void RequireKnown(VerifyEngine engine, VerifyRequest request)
    {
        if (request.Jobs is [var job] && engine.Jobs() is var jobs && !jobs.Contains(job, StringComparer.Ordinal))
            throw new FailureException(CommandFailure.NoCopyOf(job, jobs));
        var names = request.Destinations.Where(name => !Path.IsPathFullyQualified(name)).ToList();
        if (names.Count == 0) return;
        var known = engine.Destinations();
        if (names.Find(name => !known.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } unknown)
            throw new FailureException(CommandFailure.DestinationUnknown(unknown, known));
    }
}
