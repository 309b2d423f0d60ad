namespace NasSync.Installing;

/// <summary>The systemd that units are installed for.</summary>
/// <param name="Scope">The system's or a user's own.</param>
/// <param name="UnitFolder">The folder of its units, as a full path.</param>
public sealed record SystemdHost(SyncTaskScope Scope, string UnitFolder)
{
    // sd_booted(3): this folder exists exactly when systemd manages the machine.
    private const string BootedMark = "/run/systemd/system";

    /// <summary>
    /// Whether systemd runs here, which it does not in most containers and during an image build. Otherwise units are only written.
    /// </summary>
    public bool IsRunning { get; init; }

    /// <summary>Whether to create missing folders for work and log. Default true; false when the units are for another machine.</summary>
    public bool MakesFolders { get; init; } = true;

    /// <summary>The systemctl program. Default <c>systemctl</c> in the PATH.</summary>
    public string Systemctl { get; init; } = "systemctl";

    /// <summary>The systemd of this machine.</summary>
    /// <param name="scope">The system's or a user's own.</param>
    /// <param name="environment">The environment variables, which name a user's folder.</param>
    /// <exception cref="FailureException">A user without a home has no folder for units (class Config).</exception>
    public static SystemdHost Of(SyncTaskScope scope, IReadOnlyDictionary<string, string> environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        return new(scope, scope == SyncTaskScope.System ? "/etc/systemd/system" : UserFolder(environment))
        {
            IsRunning = Directory.Exists(BootedMark),
        };
    }

    /// <summary>The user who called sudo, the default account of a system service; null without sudo.</summary>
    public static string? Caller(IReadOnlyDictionary<string, string> environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        return environment.GetValueOrDefault("SUDO_USER") is { Length: > 0 } caller ? caller : null;
    }

    /// <summary>The arguments of a systemctl command, with <c>--user</c> for a user's systemd.</summary>
    internal IReadOnlyList<string> Words(params IReadOnlyList<string> words) => Scope == SyncTaskScope.User ? ["--user", .. words] : words;

    private static string UserFolder(IReadOnlyDictionary<string, string> environment)
    {
        if (environment.GetValueOrDefault("XDG_CONFIG_HOME") is { Length: > 0 } config && Path.IsPathFullyQualified(config))
            return Path.Combine(config, "systemd", "user");
        if (environment.GetValueOrDefault("HOME") is { Length: > 0 } home) return Path.Combine(home, ".config", "systemd", "user");
        throw new FailureException(new Failure(
            FailureClass.Config,
            "HomeUnset",
            "HOME is not set, so there is no folder for a user's units.",
            "Set HOME, or make it a service of the system."));
    }
}
