using System.Management.Automation;

namespace NasSync.PowerShell;

/// <summary>
/// Secrets of the vaults that are registered with Microsoft.PowerShell.SecretManagement. They are asked for at the moment of use, from whatever
/// thread needs one, so each question has a runspace of its own; a vault that wants to be unlocked by hand cannot ask there and refuses.
/// </summary>
internal static class SessionVault
{
    /// <summary>The secret <c>NAME</c> or <c>VAULT/NAME</c>: a text, or a credential's password; null when it is something else.</summary>
    /// <exception cref="FailureException">There is no vault to ask, or it refuses.</exception>
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
