using NasSync.Config.Reading;
using NasSync.Files;

namespace NasSync.Config;

/// <summary>Reads a secret at the moment of use. The returned text must not reach any log, message or object.</summary>
public static class SecretReader
{
    private const int LargestFile = 64 * 1024;

    /// <summary>
    /// Looks up a secret in the host's vaults by <c>NAME</c> or <c>VAULT/NAME</c>; returns null when there is none. Null (the default) means that the
    /// host has no vaults. The host must set it before anything is read.
    /// </summary>
    public static Func<string, string?>? Vault { get; set; }

    /// <summary>The secret; for a file its whole text without one trailing newline.</summary>
    /// <exception cref="FailureException">The secret is missing, empty or unreadable; the class is <see cref="FailureClass.Config"/>.</exception>
    public static string Read(SecretReference reference, IReadOnlyDictionary<string, string> environment)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(environment);
        if (reference.Scheme == "file") return ReadFile(reference);
        if (reference.Scheme == "vault") return ReadVault(reference);
        if (!environment.TryGetValue(reference.Name, out var value) || value.Length == 0)
            throw Wrong("SecretUnset", $"The variable {reference.Name}", "is not set", $"Set {reference.Name} where NasSync runs.");
        return StrayText.OfSecret(reference.Name, value) is { } stray ? throw Stray(reference.Name, stray) : value;
    }

    // Otherwise the server would only refuse the login, without the cause. A secret that really has these characters goes into a file, which is read
    // as it is.
    private static FailureException Stray(string name, string problem) => new(new Failure(
        FailureClass.Config,
        "SecretMalformed",
        $"The variable {name}, which should hold a secret, is not as it was meant. {problem}",
        "A secret that really begins or ends so goes into a file: file:PATH."));

    private static string ReadVault(SecretReference reference)
    {
        if (Vault is not { } ask)
            throw Wrong(
                "VaultUnavailable",
                $"The vault of {reference.Name}",
                "cannot be asked by this program",
                "Only the PowerShell module asks vaults (Get-Secret); give the secret as env:NAME or file:PATH.");
        return ask(reference.Name) is { Length: > 0 } secret
            ? secret
            : throw Wrong(
                "SecretUnset",
                $"The vault's entry {reference.Name}",
                "is not there, empty, or no text",
                $"Set it: Set-Secret -Name {reference.Name.Split('/')[^1]}");
    }

    private static string ReadFile(SecretReference reference)
    {
        try
        {
            using var stream = NamedFile.OpenRead(Path.GetFullPath(reference.Name));
            using var reader = new StreamReader(stream);
            var text = NamedFile.ReadUpTo(reader, LargestFile)
                ?? throw Wrong(
                    "SecretUnreadable",
                    $"The file {reference.Name}",
                    "is larger than 64 KiB",
                    "Name the file that holds only the secret.");
            if (text.EndsWith("\r\n", StringComparison.Ordinal)) text = text[..^2];
            else if (text.EndsWith('\n')) text = text[..^1];
            return text.Length > 0 ? text : throw Wrong("SecretUnset", $"The file {reference.Name}", "is empty", "Write the secret into it.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            var why = e switch
            {
                FileNotFoundException or DirectoryNotFoundException => "does not exist",
                NoFileException => "is a pipe, a socket or a device",
                _ => "cannot be read",
            };
            throw Wrong("SecretUnreadable", $"The file {reference.Name}", why, "Create it so that the user NasSync runs as may read it.", e);
        }
    }

    private static FailureException Wrong(string code, string place, string why, string hint, Exception? inner = null) =>
        new(new Failure(FailureClass.Config, code, $"{place}, which should hold a secret, {why}.", hint), inner);
}
