namespace NasSync.Destinations.Ssh;

/// <summary>A host and its login. The user's ssh_config decides what is null.</summary>
/// <param name="Host">Host name or ssh_config alias.</param>
internal sealed record SshLogin(string Host)
{
    /// <summary>Port; null leaves it to ssh_config.</summary>
    public int? Port { get; init; }

    /// <summary>User name; null leaves it to ssh_config.</summary>
    public string? User { get; init; }

    /// <summary>Private key file, as a full path.</summary>
    public string? IdentityFile { get; init; }

    /// <summary>known_hosts file, as a full path.</summary>
    public string? KnownHosts { get; init; }

    /// <summary>Whether ssh gets a password from our helper; false (the default) when keys and agents log in.</summary>
    public bool HasPassword { get; init; }

    /// <summary>Ciphers in the syntax of ssh's option; null leaves them to ssh_config.</summary>
    public string? Ciphers { get; init; }
}
