namespace NasSync.Scheduling;

/// <summary>
/// The sync as a command of PowerShell whose exit code is NasSync's own, so that it arrives as the task's result: the summary's, which there is
/// whatever becomes of the sync; 1 where the module is not there.
/// </summary>
/// <param name="Program">The full path of <c>pwsh</c>.</param>
/// <param name="Module">The full path of the module's manifest, <c>NasSync.psd1</c>.</param>
/// <param name="Config">The full path of the configuration file.</param>
public sealed record SyncScript(string Program, string Module, string Config)
{
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
        $"$result = Invoke-ArtifactSync -Config {PowerShellText.Literal(Config)}; exit [int]($result.ExitCode ?? 1) }} " +
        "catch { [Console]::Error.WriteLine([string]$_); exit [int]($_.Exception.ExitCode ?? 1) }";
}
