using System.Globalization;

namespace NasSync.Installing;

/// <summary>Parses the output of <c>systemctl show</c> for the enabled unit and its service.</summary>
internal static class SystemdState
{
    // CLD_EXITED: the program ended by itself, so its status is an exit code. After a kill, the status is a signal number.
    private const string Exited = "1";

    /// <summary>Adds the state of the first unit and the last run of the last one.</summary>
    /// <param name="task">The task.</param>
    /// <param name="shown">One block of <c>KEY=VALUE</c> lines per unit, with times as <c>@SECONDS</c>.</param>
    public static SyncTask Add(SyncTask task, string shown)
    {
        var blocks = shown.ReplaceLineEndings("\n").Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(
                block => block.Split('\n')
                    .Select(line => line.Split('=', 2))
                    .Where(pair => pair.Length == 2)
                    .ToLookup(pair => pair[0], pair => pair[1]))
            .ToList();
        if (blocks.Count == 0) return task;
        var service = blocks[^1];
        var ended = Time(service["ExecMainExitTimestamp"].FirstOrDefault());
        return task with
        {
            State = blocks[0]["ActiveState"].FirstOrDefault(),
            LastRun = ended,
            LastResult = ended is not null && service["ExecMainCode"].Contains(Exited)
                && int.TryParse(service["ExecMainStatus"].FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var code)
                    ? (ExitCode)code
                    : null,
        };
    }

    private static DateTimeOffset? Time(string? text) =>
        text?.StartsWith('@') == true
            && long.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds > 0
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
}
