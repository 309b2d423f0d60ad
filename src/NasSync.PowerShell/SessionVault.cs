using System.Management.Automation;

namespace NasSync.PowerShell;

/// <summary>
/// Reads secrets from the vaults registered with Microsoft.PowerShell.SecretManagement, at the moment of use and on any thread, so each query has its
/// own runspace; a vault that must be unlocked by hand cannot prompt there and refuses.
/// </summary>
internal static class SessionVault
{
    /// <summary>The secret <c>NAME</c> or <c>VAULT/NAME</c>: a text, or a credential's password; null when it has another type.</summary>
    /// <exception cref="FailureException">There is no vault, or it refuses (class Config).</exception>
    public static string? Read(string reference)
    {
        if (GivenCredential.Read(reference) is { } given) return given;
        using var shell = System.Management.Automation.PowerShell.Create();
        shell.AddCommand("Get-Secret").AddParameter("AsPlainText", true).AddParameter("ErrorAction", ActionPreference.Stop);
        if (reference.Split('/', 2) is [var vault, var name]) shell.AddParameter("Vault", vault).AddParameter("Name", name);
        else shell.AddParameter("Name", reference);
        try
        {
            return shell.Invoke().FirstOrDefault()?.BaseObject switch
            {
                string text => text,
                PSCredential credential => credential.GetNetworkCredential().Password,
                _ => null,
            };
        }
        catch (CommandNotFoundException e)
        {
            throw new FailureException(CmdletFailure.NoVault(reference), e);
        }
        catch (RuntimeException e)
        {
            throw new FailureException(CmdletFailure.VaultRefused(reference, e), e);
        }
    }
}
