using System.Management.Automation;
using NasSync.Config;
using NasSync.PowerShell.Completion;

namespace NasSync.PowerShell.Commands;

/// <summary>Lists every mistake in the configuration, with line and column; writes nothing when there is none.</summary>
[Cmdlet(VerbsDiagnostic.Test, "SyncConfig")]
[OutputType(typeof(ConfigProblem))]
[OutputType(typeof(bool))]
public sealed class TestSyncConfigCommand : PSCmdlet
{
    /// <summary>
    /// The configuration file. Default: $env:NAS_SYNC_CONFIG_PATH, then nas-sync.yaml in the current folder; the environment is checked with it.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "Path")]
    [TextArgument("Config", "PSPath", "Path")]
    [ArgumentCompleter(typeof(ConfigFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Config { get; set; }

    /// <summary>Writes only whether the configuration can be used, even with warnings.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (result, _) = SessionConfig.Read(this, Config, near: null);
        if (Quiet) WriteObject(result.Config is not null);
        else WriteObject(RootsThatAreFiles.Look(result).Problems, enumerateCollection: true);
    }
}
