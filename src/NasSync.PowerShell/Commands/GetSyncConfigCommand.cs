using System.Management.Automation;
using NasSync.Config;
using NasSync.PowerShell.Completion;

namespace NasSync.PowerShell.Commands;

/// <summary>
/// The effective configuration, after defaults, file and environment: one object per setting, with its origin. Secrets stay references.
/// </summary>
[Cmdlet(VerbsCommon.Get, "SyncConfig")]
[OutputType(typeof(SyncSetting))]
public sealed class GetSyncConfigCommand : PSCmdlet
{
    /// <summary>Only these settings, such as <c>outputsDir</c> or <c>routes*</c>; wildcards are allowed.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [TextArgument("Name", IsPattern = true, TakesProperty = true)]
    [ArgumentCompleter(typeof(SettingCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>The configuration file. Default: $env:NAS_SYNC_CONFIG_PATH, then nas-sync.yaml in the current folder.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "FullName")]
    [ArgumentCompleter(typeof(ConfigFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Config { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        SessionConfig.Require(this, Config, near: null, warn: true);
        var (result, _) = SessionConfig.Read(this, Config, near: null);
        var settings = ConfigSettings.Of(result.Config!, result.Origins);
        NameFilter.Write(this, Name, settings, setting => setting.Name, Unknown);

        Failure Unknown(string name) => CmdletFailure.SettingUnknown(name, [.. settings.Select(setting => setting.Name)]);
    }
}
