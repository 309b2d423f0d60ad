using System.Management.Automation;

namespace NasSync.PowerShell;

[Cmdlet(VerbsCommon.Get, "SyncManifest")]
public sealed class GetSyncManifest : PSCmdlet
{
    protected override void ProcessRecord() => WriteObject(typeof(NasSync.Config.SyncConfig).Assembly.Location);
}
