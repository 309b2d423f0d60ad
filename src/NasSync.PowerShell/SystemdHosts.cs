using NasSync.Config;
using NasSync.Installing;

namespace NasSync.PowerShell;

/// <summary>The systemd of the machine and of the user, as a session sees them.</summary>
internal static class SystemdHosts
{
    /// <summary>One of them; null is the system's for root, and the user's own for everyone else.</summary>
    public static SystemdHost Of(SyncTaskScope? scope) => SystemdHost.Of(
        scope ?? (Environment.IsPrivilegedProcess ? SyncTaskScope.System : SyncTaskScope.User), ConfigSources.OfProcess().Environment);

    /// <summary>The ones that are meant; without a scope both, but the user's only where there is a home.</summary>
    public static IEnumerable<SystemdHost> All(SyncTaskScope? scope)
    {
        if (scope is not null) return [Of(scope)];
        var hasHome = Environment.GetEnvironmentVariable("HOME") is { Length: > 0 };
        return hasHome ? [Of(SyncTaskScope.System), Of(SyncTaskScope.User)] : [Of(SyncTaskScope.System)];
    }
}
