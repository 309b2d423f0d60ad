using System.CommandLine;
using System.Globalization;

namespace NasSync.Service.Commands;

/// <summary><c>nassync sync</c>: copies, verifies and records.</summary>
internal static class SyncCommand
{
    /// <summary>Creates the command with its options.</summary>
    public static Command Create(Shell shell, GlobalOptions globals)
    {
        var paths = PathsArgument.Create();
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would be done and change nothing; the same as plan." };
        var force = ForceOption.Create();
        var refuseHardLinks = new Option<bool>("--refuse-hardlinks") { Description = "Refuse a source that has a second name (a hard link)." };
        var transfers = new Option<int?>("--transfers")
        {
            Description = "Copies at a time to each place, 1 to 64.",
            HelpName = "N",
            CustomParser = result =>
            {
                if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 64)
                    return number;
                result.AddError($"--transfers takes a number from 1 to 64, and '{result.Tokens[0].Value}' is none.");
                return null;
            },
        };
        var repair = new Option<string?>("--repair")
        {
            Description = "Make only the copies again that verify found lost: the file of verify --plan.",
            HelpName = "FILE",
        };
        var wait = WaitOption.Create();
        var command = new Command("sync", "Copy, verify and record.") { paths, dryRun, force, refuseHardLinks, transfers, repair, wait };
        var items = ItemOptions.AddTo(command, paths);
        command.Validators.Add(result =>
        {
            if (result.GetValue(repair) is null) return;
            if (result.GetResult(paths) is { Tokens.Count: > 0 })
                result.AddError("Give either PATHs or --repair: its file says which copies are meant.");
            if (result.GetValue(force)) result.AddError("--repair looks at what it repairs by itself: leave --force out.");
        });
        command.SetAction((parsed, stop) => new Run(shell, globals, parsed)
        {
            Paths = parsed.GetValue(paths) ?? [],
            Only = items.Of(parsed, shell),
            DryRun = parsed.GetValue(dryRun),
            Force = parsed.GetValue(force),
            RefuseHardLinks = parsed.GetValue(refuseHardLinks),
            Transfers = parsed.GetValue(transfers),
            Wait = parsed.GetValue(wait),
            RepairFile = parsed.GetValue(repair) is { } file ? shell.FullPath(file) : null,
        }.RunAsync(stop));
        return command;
    }
}
