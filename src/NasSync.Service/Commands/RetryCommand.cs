using System.CommandLine;
using System.Globalization;
using NasSync.Config;
using NasSync.Ledgers;

namespace NasSync.Service.Commands;

/// <summary><c>nassync retry</c>: retries only what failed, or forgets it.</summary>
internal static class RetryCommand
{
    /// <summary>Creates the command with its options.</summary>
    public static Command Create(Shell shell, GlobalOptions globals)
    {
        var ids = new Argument<string[]>("ID") { Description = "The ids of failures, as status shows them.", Arity = ArgumentArity.ZeroOrMore };
        var all = new Option<bool>("--all") { Description = "All failures." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would be done and change nothing." };
        var refuseHardLinks = new Option<bool>("--refuse-hardlinks") { Description = "Refuse a source that has a second name (a hard link)." };
        var wait = WaitOption.Create();
        var forget = new Option<bool>("--forget") { Description = "Remove these failures instead of retrying them; no file is touched." };
        var command = new Command("retry", "Retry failed items, or remove them from the list.") { ids, all, forget, dryRun, refuseHardLinks, wait };
        ids.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => Number(token.Value) is null))
                result.AddError($"'{token.Value}' is no id of a failure; ids are the numbers that status shows.");
        });
        command.Validators.Add(result =>
        {
            var named = result.GetResult(ids) is { Tokens.Count: > 0 };
            if (named == result.GetValue(all))
                result.AddError(named ? "Give either IDs or --all." : "Give the IDs of failures, as status shows them, or --all.");
        });
        command.SetAction((parsed, stop) => parsed.GetValue(forget) ? ForgetAsync(parsed, stop) : TryAsync(parsed, stop));
        return command;

        IReadOnlyCollection<long> Ids(ParseResult parsed) => [.. (parsed.GetValue(ids) ?? []).Select(id => Number(id)!.Value)];

        async Task<int> ForgetAsync(ParseResult parsed, CancellationToken stop) => (int)await new Forgetting(shell, globals, parsed)
        {
            DryRun = parsed.GetValue(dryRun),
            Wait = parsed.GetValue(wait),
            Choose = ledger => Choose(ledger, Ids(parsed)),
        }.RunAsync(stop);

        Task<int> TryAsync(ParseResult parsed, CancellationToken stop) => new Run(shell, globals, parsed)
        {
            Paths = [],
            DryRun = parsed.GetValue(dryRun),
            RefuseHardLinks = parsed.GetValue(refuseHardLinks),
            Wait = parsed.GetValue(wait),
            Choose = config => Choose(shell, config, Ids(parsed)),
        }.RunAsync(stop);
    }

    private static IReadOnlyList<RecordedFailure> Choose(Shell shell, SyncConfig config, IReadOnlyCollection<long> ids)
    {
        using var ledger = Ledger.OpenReadOnly(config, shell.Environment);
        return Choose(ledger, ids);
    }

    private static IReadOnlyList<RecordedFailure> Choose(Ledger ledger, IReadOnlyCollection<long> ids)
    {
        var failures = ledger.Failures();
        if (ids.Count == 0) return failures;
        var unknown = ids.Except(failures.Select(failure => failure.Id)).ToList();
        if (unknown.Count > 0) throw new FailureException(CommandFailure.FailureUnknown(unknown));
        return [.. failures.Where(failure => ids.Contains(failure.Id))];
    }

    private static long? Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
