using System.Management.Automation;

namespace NasSync.PowerShell.Commands;

/// <summary>Writes a configuration file to start from.</summary>
[Cmdlet(VerbsCommon.New, "SyncConfig", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class NewSyncConfigCommand : AsyncCmdlet
{
    /// <summary>The file to write. Its folder is made when it is not there.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Replaces a file that exists.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }
}
