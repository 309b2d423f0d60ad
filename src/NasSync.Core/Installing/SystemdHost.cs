namespace NasSync.Installing;

/// <summary>Where units go, and who is told of them.</summary>
/// <param name="Scope">Whose systemd it is.</param>
/// <param name="UnitFolder">The folder of its units, as a full path.</param>
public sealed record SystemdHost(SyncTaskScope Scope, string UnitFolder)
{
    // sd_booted(3): this folder is there when systemd runs the machine, and only then.
    private const string BootedMark = "/run/systemd/system";

    /// <summary>Whether systemd runs here: it does not in most containers, nor while an image is built. Then units are only written.</summary>
    public bool IsRunning { get; init; }

    /// <summary>Whether the folders for work and log are made if they are missing. Default true; false where units are for another machine.</summary>
    public bool MakesFolders { get; init; } = true;

    /// <summary>The program that talks to systemd. Default <c>systemctl</c> of the PATH.</summary>
    public string Systemctl { get; init; } = "systemctl";

    /// <summary>The systemd of this machine.</summary>
    /// <param name="scope">The system's or a user's own.</param>
    /// <param name="environment">The environment's variables, for a user's folder.</param>
    /// <exception cref="FailureException">A user without a home has no place for units (class Config).</exception>
    public static SystemdHost Of(SyncTaskScope scope, IReadOnlyDictionary<string, string> environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        return new(scope, scope == SyncTaskScope.System ? "/etc/systemd/system" : UserFolder(environment)) { IsRunning = Directory.Exists(BootedMark) };
    }

    /// <summary>Who called sudo, as whom a service of the system runs where nobody else is named; null when nobody did.</summary>
    public static string? Caller(IReadOnlyDictionary<string, string> environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        return environment.GetValueOrDefault("SUDO_USER") is { Length: > 0 } caller ? caller : null;
    }

    /// <summary>The words of a command for systemd.</summary>
    internal IReadOnlyList<string> Words(params IReadOnlyList<string> words) => Scope == SyncTaskScope.User ? ["--user", .. words] : words;

    private static string UserFolder(IReadOnlyDictionary<string, string> environment)
    {
        if (environment.GetValueOrDefault("XDG_CONFIG_HOME") is { Length: > 0 } config && Path.IsPathFullyQualified(config)) return Path.Combine(config, "systemd", "user");
        if (environment.GetValueOrDefault("HOME") is { Length: > 0 } home) return Path.Combine(home, ".config", "systemd", "user");
        throw new FailureException(new Failure(FailureClass.Config, "HomeUnset", "HOME is not set, so there is no folder for a user's units.", "Set HOME, or make it a service of the system."));
    }
}
