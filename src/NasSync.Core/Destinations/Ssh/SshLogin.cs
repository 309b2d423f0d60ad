namespace NasSync.Destinations.Ssh;

/// <summary>A host and how to log in there. What is null is left to the user's ssh_config.</summary>
/// <param name="Host">Host name or ssh_config alias.</param>
internal sealed record SshLogin(string Host)
{
    /// <summary>Port.</summary>
    public int? Port { get; init; }

    /// <summary>User.</summary>
    public string? User { get; init; }

    /// <summary>Private key file, as a full path.</summary>
    public string? IdentityFile { get; init; }

    /// <summary>known_hosts file, as a full path.</summary>
    public string? KnownHosts { get; init; }

    /// <summary>True when ssh asks a helper of ours for the password; false (the default) when keys and agents log in.</summary>
    public bool HasPassword { get; init; }

    /// <summary>Ciphers as ssh's option of that name takes them; null leaves it to ssh_config.</summary>
    public string? Ciphers { get; init; }
}
