using System.Management.Automation;
using System.Text;
using NasSync.Config;

namespace NasSync.PowerShell.Commands;

/// <summary>Writes a commented configuration file to start from.</summary>
[Cmdlet(VerbsCommon.New, "SyncConfig", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class NewSyncConfigCommand : PSCmdlet
{
    /// <summary>The file to write. Default: nas-sync.yaml in the current folder. Its folder must exist.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "nas-sync.yaml";

    /// <summary>Replaces a file that exists.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        string file;
        try
        {
            file = SessionPath.Full(SessionState.Path, Path);
        }
        catch (FailureException error)
        {
            WriteError(ErrorRecords.From(error.Failure, Path));
            return;
        }

        if (!ShouldProcess(file, Force && File.Exists(file) ? "Replace the configuration" : "Write a configuration")) return;
        try
        {
            // CreateNew checks and creates in one step, so a file that appears meanwhile is not replaced either.
            using var stream = new FileStream(file, Force ? FileMode.Create : FileMode.CreateNew, FileAccess.Write);
            stream.Write(Encoding.UTF8.GetBytes(ConfigTemplate.Yaml()));
        }
        catch (IOException) when (!Force && System.IO.Path.Exists(file))
        {
            WriteError(ErrorRecords.From(CmdletFailure.FileExists(file), file));
            return;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            WriteError(ErrorRecords.From(CmdletFailure.NotWritable(file, error), file));
            return;
        }

        WriteObject(new FileInfo(file));
    }
}
