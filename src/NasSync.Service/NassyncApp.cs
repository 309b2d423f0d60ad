using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using NasSync.Failures;
using NasSync.Files;
using NasSync.Service.Commands;
using NasSync.Service.Output;
using NasSync.Templates;
using NasSync.Transfers;

namespace NasSync.Service;

/// <summary>The command line: arguments in, exit code out. Stateless, so that tests run it in their own process.</summary>
internal static class NassyncApp
{
    private static readonly ParserConfiguration AsGiven = new() { ResponseFileTokenReplacer = null };

    /// <summary>Runs one command. Every end is an <see cref="ExitCode"/>; no exception escapes.</summary>
    public static async Task<int> RunAsync(string[] args, Shell shell, CancellationToken stop = default)
    {
        // Diagnostic messages come from several threads.
        shell = shell with { Error = TextWriter.Synchronized(shell.Error) };
        var globals = new GlobalOptions(shell);
        var root = Root(shell, globals);
        var parsed = root.Parse(args, AsGiven);
        shell.Words.Carry(globals.Carried(parsed));
        try
        {
            // A container that sets only the environment starts the program this way.
            if (args.Length == 0 && globals.Read(parsed).Config is { DaemonMode: true } daemon)
                parsed = root.Parse([daemon.DryRun ? "plan" : "watch"], AsGiven);
            var isListing = ListingCommand.Is(parsed);
            shell.TellOfLostOutput(isListing);
            var exitCode = await InvokeAsync(parsed, args, shell, stop);
            // The configuration's mistakes were written already, and "config check" writes its last line itself.
            if (exitCode == (int)ExitCode.ConfigInvalid && parsed.CommandResult.Command.Name != "check") End(null, ExitCode.ConfigInvalid);
            return isListing && exitCode == (int)ExitCode.Ok && shell.LostOutput is { } lost && !Shell.IsClosedPipe(lost)
                ? (int)ExitCode.Unexpected
                : exitCode;
        }
        catch (Exception e) when (Known(e) is { } found)
        {
            var known = shell.Words.Of(found);
            shell.Error.WriteLine(SafeText.Show($"error: {known.Message}"));
            shell.Error.WriteLine(SafeText.Show($"  {known.Hint} [{known.Code}]"));
            Trace(e);
            return End(known, ExitCodes.Of(known));
        }
        catch (WrongWordsException e)
        {
            foreach (var problem in e.Problems) shell.Error.WriteLine(SafeText.Show(problem));
            var failure = CommandFailure.WordsWrong(string.Join(" ", e.Problems), Words(parsed.CommandResult));
            shell.Error.WriteLine(failure.Hint);
            return End(failure, ExitCodes.Of(failure));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            shell.Error.WriteLine("stopped");
            return End(null, ExitCode.Stopped);
        }
#pragma warning disable CA1031 // The last net: whatever was not foreseen becomes exit code 1 with a message.
        catch (Exception e)
#pragma warning restore CA1031
        {
            shell.Error.WriteLine(SafeText.Show($"unexpected error: {e.Message}"));
            if (!Trace(e)) shell.Error.WriteLine("  Run it again with --log-level debug to see where, and report it with that trace.");
            return End(new Failure(FailureClass.Bug, "Unexpected", e.Message, "Report it with the log."), ExitCode.Unexpected);
        }

        // A reader of the JSON lines must learn how the command ended, whatever went wrong.
        int End(Failure? failure, ExitCode exitCode)
        {
            if (globals.Json(parsed) && !globals.HasEnded)
                UnfinishedLines.Write(shell.Out, parsed, Words(parsed.CommandResult), failure, exitCode);
            return (int)exitCode;
        }

        // Includes a library of the program that could not be opened for lack of file descriptors.
        static Failure? Known(Exception e) =>
            e is FailureException failure ? failure.Failure
            : SystemFailure.FromException(e, "load a part of", "nassync") is { Code: "TooManyOpenFiles" } exhausted ? exhausted
            : null;

        bool Trace(Exception e)
        {
            if (globals.LogLevel(parsed) != Config.LogLevel.Debug) return false;
            // The line breaks are the trace's own; a name in it may still contain control characters for the terminal.
            foreach (var line in e.ToString().Split('\n')) shell.Error.WriteLine(SafeText.Show(line.TrimEnd('\r')));
            return true;
        }
    }

    private static async Task<int> InvokeAsync(ParseResult parsed, string[] args, Shell shell, CancellationToken stop)
    {
        if (parsed.Action is not HelpAction && UnknownOption(parsed, args) is { } unknown)
        {
            var cure = Nearest(parsed, unknown) ?? $"a path that begins so is written ./{NameOf(unknown)}";
            throw new WrongWordsException([NoOption(parsed, unknown, cure)]);
        }

        if (parsed.Action is ParseErrorAction wrong)
        {
            if (parsed.Tokens.Count > 0) throw new WrongWordsException(Problems(parsed));
            wrong.ShowHelp = true;
            // A usage error is no result, so everything goes to standard error.
            await ShowHelpAsync(parsed, shell.Error, stop);
            return (int)ExitCode.Usage;
        }

        if (parsed.Action is not HelpAction and not VersionAction && !IsAboutItself(parsed) && SystemNeeds.Missing() is { } missing)
            throw new FailureException(missing);
        if (parsed.Action is HelpAction) return await ShowHelpAsync(parsed, shell.Out, stop);
        return await parsed.InvokeAsync(Invocation(shell.Out, shell.Error), stop);
    }

    private static async Task<int> ShowHelpAsync(ParseResult parsed, TextWriter output, CancellationToken stop)
    {
        using var text = new StringWriter { NewLine = "\n" };
        var exitCode = await parsed.InvokeAsync(Invocation(text, text), stop);
        await output.WriteAsync(CommandList.In(text.ToString(), parsed.CommandResult.Command));
        return exitCode;
    }

    // Commands that read, write or install a configuration need nothing but the program.
    private static bool IsAboutItself(ParseResult parsed)
    {
        for (SymbolResult? at = parsed.CommandResult; at is not null; at = at.Parent)
            if (at is CommandResult { Command.Name: "config" or "install" or "uninstall" }) return true;
        return false;
    }

    /// <summary>The mistake in a command line; null when it would run. Checks the command lines in the docs.</summary>
    public static string? Mistake(string[] args, Shell shell)
    {
        var parsed = Root(shell, new GlobalOptions(shell)).Parse(args, AsGiven);
        return UnknownOption(parsed, args) ?? (parsed.Errors is [var first, ..] ? first.Message : null);
    }

    private static RootCommand Root(Shell shell, GlobalOptions globals)
    {
        var root = new RootCommand("Carries finished media to where it belongs and proves that it arrived.")
        {
            SyncCommand.Create(shell, globals),
            WatchCommand.Create(shell, globals),
            PlanCommand.Create(shell, globals),
            ResolveCommand.Create(shell, globals),
            StatusCommand.Create(shell, globals),
            RetryCommand.Create(shell, globals),
            VerifyCommand.Create(shell, globals),
            ConfigCommand.Create(shell, globals),
            DestinationCommand.Create(shell, globals),
            SourceCommand.Create(shell, globals),
            InstallCommand.Create(shell, globals),
            UninstallCommand.Create(shell, globals),
        };
        globals.AddTo(root);
        foreach (var option in root.Options)
            if (option is VersionOption version) version.Action = new VersionAction(shell);
        return root;
    }

    // An unknown command is one error; the parser would report three.
    private static IReadOnlyList<string> Problems(ParseResult parsed)
    {
        var (result, commands) = (parsed.CommandResult, parsed.CommandResult.Command.Subcommands);
        if (commands.Count == 0 || parsed.UnmatchedTokens is not [var word, ..]) return [.. parsed.Errors.Select(error => error.Message).Distinct()];
        return word.StartsWith('-')
            ? [NoOption(parsed, word, Nearest(parsed, word))]
            : [$"'{word}' is no command of {Words(result)}; {NearestName.Cure(word, commands.Select(command => command.Name))}"];
    }

    private static string NoOption(ParseResult parsed, string word, string? cure) =>
        $"'{NameOf(word)}' is no option of {Words(parsed.CommandResult)}{(cure is null ? "" : $"; {cure}")}";

    // The value of a mistyped option may be a secret.
    private static string NameOf(string word) => word.IndexOf('=') is > 0 and var at ? $"{word[..at]}=…" : word;

    // Suggests only the most similar option, instead of listing all.
    private static string? Nearest(ParseResult parsed, string word)
    {
        var names = Commands(parsed.CommandResult)
            .SelectMany(command => command.Options)
            .Where(option => !option.Hidden)
            .Select(option => option.Name);
        return NearestName.Of(word.Split('=')[0], names) is { } nearest ? $"did you mean '{nearest}'?" : null;
    }

    private static IEnumerable<Command> Commands(CommandResult result)
    {
        for (SymbolResult? at = result; at is not null; at = at.Parent)
            if (at is CommandResult { Command: var command }) yield return command;
    }

    // Without this, a command with paths would treat a mistyped option as a path. After a lone "--" every word is a path; after an option's "="
    // comes a value.
    private static string? UnknownOption(ParseResult parsed, string[] args) => parsed.Tokens
        .TakeWhile(token => token.Type != TokenType.DoubleDash)
        .FirstOrDefault(token => token is { Type: TokenType.Argument, Value: ['-', _, ..] value } && !args.Any(arg => IsValueIn(arg, value)))?.Value;

    private static bool IsValueIn(string arg, string value) =>
        arg.StartsWith("--", StringComparison.Ordinal) && arg.IndexOf('=', StringComparison.Ordinal) is > 2 and var at && arg[(at + 1)..] == value;

    private static string Words(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{Words(parent)} {command.Command.Name}" : "nassync";

    // Launch handles the signals, because it also handles a second one.
    private static InvocationConfiguration Invocation(TextWriter output, TextWriter error) =>
        new() { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };

    // Thrown for every mistake in the command line, so that all of them end in the same way.
    private sealed class WrongWordsException(IReadOnlyList<string> problems) : Exception
    {
        public IReadOnlyList<string> Problems { get; } = problems;
    }

    internal sealed class VersionAction(Shell shell) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            shell.Out.WriteLine(NassyncVersion.Text);
            return (int)ExitCode.Ok;
        }
    }
}
