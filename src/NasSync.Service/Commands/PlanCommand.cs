using System.CommandLine;

namespace NasSync.Service.Commands;

/// <summary><c>nassync plan</c>: shows what <c>sync</c> would do, from the same plan.</summary>
internal static class PlanCommand
{
    /// <summary>Creates the command with its options.</summary>
    public static Command Create(Shell shell, GlobalOptions globals)
    {
        var paths = PathsArgument.Create();
        var force = ForceOption.Create();
        var refuseHardLinks = new Option<bool>("--refuse-hardlinks") { Description = "Refuse a source that has a second name (a hard link)." };
        var command = new ListingCommand("plan", "Show what sync would do; change nothing.") { paths, force, refuseHardLinks };
        var items = ItemOptions.AddTo(command, paths);
        command.SetAction((parsed, stop) => new Run(shell, globals, parsed)
        {
            Paths = parsed.GetValue(paths) ?? [],
            Only = items.Of(parsed, shell),
            DryRun = true,
            Force = parsed.GetValue(force),
            RefuseHardLinks = parsed.GetValue(refuseHardLinks),
        }.RunAsync(stop));
        return command;
    }
}
