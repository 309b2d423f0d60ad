namespace NasSync.Scheduling;

/// <summary>
/// The sync as a PowerShell command that exits with NasSync's own exit code, so that it becomes the task's result. The code comes from the run's
/// summary, which is always written; 1 when the module is missing.
/// </summary>
/// <param name="Program">The full path of <c>pwsh</c>.</param>
/// <param name="Module">The full path of the module manifest, <c>NasSync.psd1</c>.</param>
/// <param name="Config">The full path of the configuration file.</param>
public sealed record SyncScript(string Program, string Module, string Config)
{
    /// <summary>An execution policy for this process only; null (the default) leaves it to the machine.</summary>
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
    /// The script. It contains no double quote, which would have to be escaped, and no <c>$(</c>, which begins a variable of the Task Scheduler.
    /// </summary>
    private string Text =>
        $"try {{ Import-Module -Name {PowerShellText.Literal(Module)} -ErrorAction Stop; " +
        $"$result = Invoke-ArtifactSync -Config {PowerShellText.Literal(Config)}; exit [int]($result.ExitCode ?? 1) }} " +
        "catch { [Console]::Error.WriteLine([string]$_); exit [int]($_.Exception.ExitCode ?? 1) }";
}
