using System.Globalization;
using System.Text;
using NasSync.Config;

namespace NasSync.Scheduling;

/// <summary>
/// What a service may not do, as lines of its [Service] section: whoever takes NasSync over through a file that it reads should find nothing else
/// to take.
/// </summary>
internal static class SystemdSandbox
{
    // What a user's own systemd can hold to as well: no file system of its own is needed for it.
    private static readonly string[] Everywhere =
    [
        "NoNewPrivileges=yes",
        "LockPersonality=yes",
        "RestrictRealtime=yes",
        "RestrictNamespaces=yes",
        "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
        "SystemCallArchitectures=native",
        "SystemCallFilter=@system-service",
        "SystemCallFilter=~@privileged",

        // A copy keeps the group of the file that it replaces, and SQLite gives its files, when root makes them, the owner of the database. Without
        // rights of root it lets nobody give more than a group that he is in.
        "SystemCallFilter=@chown",
        "SystemCallErrorNumber=EPERM",
    ];

    private static readonly string[] OfTheSystem =
    [
        "PrivateDevices=yes",
        "PrivateMounts=yes",
        "ProtectClock=yes",
        "ProtectControlGroups=yes",
        "ProtectHostname=yes",
        "ProtectKernelLogs=yes",
        "ProtectKernelModules=yes",
        "ProtectKernelTunables=yes",
        "ProtectProc=invisible",
        "RemoveIPC=yes",
        "KeyringMode=private",
    ];

    /// <summary>The lines. MemoryDenyWriteExecute is not among them: .NET compiles at run time.</summary>
    /// <param name="config">The configuration, whose paths are let through.</param>
    /// <param name="scope">Whose service it is.</param>
    /// <param name="runAs">The account; null is root.</param>
    /// <param name="read">Other paths that must be readable.</param>
    public static string Text(SyncConfig config, SyncTaskScope scope, string? runAs, IEnumerable<string> read)
    {
        var text = new StringBuilder();
        if (scope == SyncTaskScope.System)
        {
            var paths = SandboxPaths.Of(config, read);
            text.Append("ProtectSystem=strict\n");

            // The work folder must be there; a NAS may come later.
            foreach (var path in paths.Written)
                text.Append(CultureInfo.InvariantCulture, $"ReadWritePaths={SystemdText.Word(path == paths.Work ? path : $"-{path}")}\n");
            text.Append(CultureInfo.InvariantCulture, $"ProtectHome={(paths.UsesHomes ? "read-only" : "yes")}\n");
            text.Append(CultureInfo.InvariantCulture, $"PrivateTmp={(paths.UsesTemporary ? "no" : "yes")}\n");
            text.AppendJoin('\n', OfTheSystem).Append('\n');

            text.Append(Capabilities(config, isRoot: runAs is null or "root"));
        }

        text.AppendJoin('\n', Everywhere).Append('\n');

        // It would also forbid to make folders that hand their group on.
        if (!DirModes(config).Any(HandsGroupOn)) text.Append("RestrictSUIDSGID=yes\n");

        // Others read the copies: the rights of the folders say who. A group that the configuration names is to work with them.
        text.Append(CultureInfo.InvariantCulture, $"UMask={(NamesGroup(config) ? "0002" : "0022")}\n");
        return text.ToString();
    }

    // Root without these rights could not even read what others own, nor leave it theirs. Of a file that others own only a lease tells whether
    // somebody still writes it, and who removes sources must know that; the right to take one lets nobody read or change anything.
    private static string Capabilities(SyncConfig config, bool isRoot)
    {
        const string lease = "CAP_LEASE";
        var needsLease = config.FinishedJobs.Action != FinishedJobsAction.Keep || config.Routes.Any(route => route.Release == ReleasePolicy.Delete);
        string[] bounds = isRoot ? ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER"] : [];
        return $"AmbientCapabilities={(needsLease && !isRoot ? lease : "")}\nCapabilityBoundingSet={string.Join(' ', needsLease ? [.. bounds, lease] : bounds)}\n";
    }

    private static bool NamesGroup(SyncConfig config) =>
        config.Group is not null || config.Destinations.Values.Any(place => place is LocalDestinationConfig { Group: not null });

    private static IEnumerable<string?> DirModes(SyncConfig config) =>
        config.Destinations.Values.OfType<LocalDestinationConfig>().Select(place => place.DirMode).Append(config.DirMode);

    private static bool HandsGroupOn(string? mode) => mode is not null && (Convert.ToInt32(mode, 8) & 0x400) != 0;
}
