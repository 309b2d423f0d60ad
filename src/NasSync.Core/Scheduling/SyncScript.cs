namespace NasSync.Scheduling;

/// <summary>
/// The sync as a command of PowerShell whose exit code is NasSync's own, so that it arrives as the task's result: the summary's when there is one,
/// else that of the error that ended the command, else 1.
/// </summary>
/// <param name="Program">The full path of <c>pwsh</c>.</param>
/// <param name="Module">The full path of the module's manifest, <c>NasSync.psd1</c>.</param>
/// <param name="Config">The full path of the configuration file.</param>
public sealed record SyncScript(string Program, string Module, string Config)
{
    /// <summary>What an error record's exception carries the exit code under.</summary>
    public const string ExitCodeKey = "NasSync.ExitCode";

    /// <summary>An execution policy for this process alone; null (the default) leaves it to the machine.</summary>
    public string? ExecutionPolicy { get; init; }

    /// <summary>The arguments of <see cref="Program"/>.</summary>
    public IReadOnlyList<string> Arguments =>
    [
        "-NoProfile",
        "-NonInteractive",
        .. ExecutionPolicy is { } policy ? new[] { "-ExecutionPolicy", policy } : [],
        "-Command",
        Text,
    ];

    /// <summary>
    /// The script. It has no double quote of its own and no <c>$(</c>: the first would have to be escaped, the second is a variable of the Task
    /// Scheduler.
    /// </summary>
    private string Text =>
        $"try {{ Import-Module -Name {PowerShellText.Literal(Module)} -ErrorAction Stop; " +
        $"$result = Invoke-ArtifactSync -Config {PowerShellText.Literal(Config)}; exit [int]$result.ExitCode }} " +
        $"catch {{ [Console]::Error.WriteLine([string]$_); if ($code = $_.Exception.Data['{ExitCodeKey}']) {{ exit $code }}; exit 1 }}";
}
