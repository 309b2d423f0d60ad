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
        "RestrictSUIDSGID=yes",
        "RestrictNamespaces=yes",
        "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
        "SystemCallArchitectures=native",
        "SystemCallFilter=@system-service",
        "SystemCallFilter=~@privileged",
        "SystemCallErrorNumber=EPERM",

        // Others read the copies: the rights of the folders say who.
        "UMask=0022",
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
        "AmbientCapabilities=",
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

            // Root without these rights could not even read what others own.
            text.Append(CultureInfo.InvariantCulture, $"CapabilityBoundingSet={(runAs is null or "root" ? "CAP_DAC_OVERRIDE CAP_FOWNER" : "")}\n");
        }

        text.AppendJoin('\n', Everywhere).Append('\n');

        // SQLite gives its files, when root makes them, the owner of the database.
        if (scope == SyncTaskScope.System && runAs is (null or "root")) text.Append("SystemCallFilter=@chown\n");
        return text.ToString();
    }
}
