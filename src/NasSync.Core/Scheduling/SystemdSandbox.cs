using System.Globalization;
using System.Text;
using NasSync.Config;

namespace NasSync.Scheduling;

/// <summary>
/// The sandbox of a service, as lines of its [Service] section: an attacker who takes over NasSync through a file that it reads should find nothing
/// else to reach.
/// </summary>
internal static class SystemdSandbox
{
    // These also work in a user's own systemd, because they need no private mounts.
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

        // A copy keeps the group of the file that it replaces, and SQLite, when run by root, gives its files the owner of the database. Without
        // root's capabilities, chown can only set a group that the account is in.
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

    /// <summary>The lines. MemoryDenyWriteExecute is missing because .NET compiles at run time.</summary>
    /// <param name="config">The configuration, whose paths stay accessible.</param>
    /// <param name="scope">The system's service or a user's own.</param>
    /// <param name="runAs">The account; null is root.</param>
    /// <param name="read">Other paths that must be readable.</param>
    public static string Text(SyncConfig config, SyncTaskScope scope, string? runAs, IEnumerable<string> read)
    {
        var text = new StringBuilder();
        if (scope == SyncTaskScope.System)
        {
            var paths = SandboxPaths.Of(config, read);
            text.Append("ProtectSystem=strict\n");

            // The work folder must exist; other folders may appear later, such as a NAS mount.
            foreach (var path in paths.Written)
                text.Append(CultureInfo.InvariantCulture, $"ReadWritePaths={SystemdText.Word(path == paths.Work ? path : $"-{path}")}\n");
            text.Append(CultureInfo.InvariantCulture, $"ProtectHome={(paths.UsesHomes ? "read-only" : "yes")}\n");
            text.Append(CultureInfo.InvariantCulture, $"PrivateTmp={(paths.UsesTemporary ? "no" : "yes")}\n");
            text.AppendJoin('\n', OfTheSystem).Append('\n');

            text.Append(Capabilities(config, isRoot: runAs is null or "root"));
        }

        text.AppendJoin('\n', Everywhere).Append('\n');

        // RestrictSUIDSGID would also forbid creating set-group-id folders.
        if (!DirModes(config).Any(HandsGroupOn)) text.Append("RestrictSUIDSGID=yes\n");

        // Others read the copies, so the folders' modes decide who may. A configured group must be able to write them.
        text.Append(CultureInfo.InvariantCulture, $"UMask={(NamesGroup(config) ? "0002" : "0022")}\n");
        return text.ToString();
    }

    // Without these capabilities root could not read files of other owners, nor keep their ownership. For a file of another owner only a lease tells
    // whether someone is still writing it, which must be known before a source is removed; CAP_LEASE itself gives no access to any file.
    private static string Capabilities(SyncConfig config, bool isRoot)
    {
        const string lease = "CAP_LEASE";
        var needsLease = config.FinishedJobs.Action != FinishedJobsAction.Keep || config.Routes.Any(route => route.Release == ReleasePolicy.Delete);
        string[] bounds = isRoot ? ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER"] : [];
        var ambient = needsLease && !isRoot ? lease : "";
        return $"AmbientCapabilities={ambient}\nCapabilityBoundingSet={string.Join(' ', needsLease ? [.. bounds, lease] : bounds)}\n";
    }

    private static bool NamesGroup(SyncConfig config) =>
        config.Group is not null || config.Destinations.Values.Any(place => place is LocalDestinationConfig { Group: not null });

    private static IEnumerable<string?> DirModes(SyncConfig config) =>
        config.Destinations.Values.OfType<LocalDestinationConfig>().Select(place => place.DirMode).Append(config.DirMode);

    private static bool HandsGroupOn(string? mode) => mode is not null && (Convert.ToInt32(mode, 8) & 0x400) != 0;
}
