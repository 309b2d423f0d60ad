using System.Management.Automation;

namespace NasSync.PowerShell;

/// <summary>The paths of this PowerShell and this module, for a task that starts them again.</summary>
internal static class ThisModule
{
    private const string ManifestName = "NasSync.psd1";

    /// <summary>The full path of the module's manifest: above its assemblies, in an installed module as in a checkout.</summary>
    public static string Manifest()
    {
        // LoadContext's assembly is loaded from a file; the module's other assemblies may have no location.
        for (var folder = Path.GetDirectoryName(typeof(Manifest).Assembly.Location); folder is not null; folder = Path.GetDirectoryName(folder))
            if (Path.Combine(folder, ManifestName) is var file && File.Exists(file)) return file;
        throw new FailureException(CmdletFailure.PathNotFound(ManifestName));
    }

    /// <summary>The full path of pwsh, even when another program hosts the session.</summary>
    public static string PowerShell(PSCmdlet cmdlet) =>
        Path.Combine((string)cmdlet.GetVariableValue("PSHOME"), OperatingSystem.IsWindows() ? "pwsh.exe" : "pwsh");
}
