using NasSync.Config;
using NasSync.Installing;

namespace NasSync.PowerShell;

/// <summary>The systemd instances of the machine and of the user, as a session sees them.</summary>
internal static class SystemdHosts
{
    /// <summary>The instance of a scope; null means the system's for root, and the user's own for everyone else.</summary>
    public static SystemdHost Of(SyncTaskScope? scope) => SystemdHost.Of(
        scope ?? (Environment.IsPrivilegedProcess ? SyncTaskScope.System : SyncTaskScope.User), ConfigSources.OfProcess().Environment);

    /// <summary>The instances of a scope; without a scope both, but the user's only where there is a home folder.</summary>
    public static IEnumerable<SystemdHost> All(SyncTaskScope? scope)
    {
        if (scope is not null) return [Of(scope)];
        var hasHome = Environment.GetEnvironmentVariable("HOME") is { Length: > 0 };
        return hasHome ? [Of(SyncTaskScope.System), Of(SyncTaskScope.User)] : [Of(SyncTaskScope.System)];
    }
}
