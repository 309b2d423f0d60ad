using System.CommandLine;
using System.Globalization;

namespace NasSync.Service.Commands;

/// <summary><c>nassync watch</c>: syncs each job as it arrives, until it is stopped.</summary>
internal static class WatchCommand
{
    private const int MostSeconds = 86_400;

    /// <summary>Creates the command with its options.</summary>
    public static Command Create(Shell shell, GlobalOptions globals)
    {
        var poll = new Option<TimeSpan?>("--poll")
        {
            Description = "Seconds between two scans of the outputs folder, 1 to 86400. Default: pollInterval of the configuration.",
            HelpName = "N",
            CustomParser = result =>
            {
                if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                    && seconds is >= 1 and <= MostSeconds)
                    return TimeSpan.FromSeconds(seconds);
                result.AddError($"--poll takes a number of seconds from 1 to {MostSeconds}, and '{result.Tokens[0].Value}' is none.");
                return null;
            },
        };
        var wait = WaitOption.Create();
        var command = new Command("watch", "Watch the outputs folder, and copy, verify and record each new job.") { poll, wait };
        command.SetAction((parsed, stop) => new Watch(shell, globals, parsed, parsed.GetValue(poll)) { Wait = parsed.GetValue(wait) }.RunAsync(stop));
        return command;
    }
}
