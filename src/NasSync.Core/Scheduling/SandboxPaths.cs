using NasSync.Config;
using NasSync.Routing;

namespace NasSync.Scheduling;

/// <summary>The paths of this machine that a configured sync needs; a sandbox may hide all others.</summary>
internal sealed class SandboxPaths
{
    private static readonly string[] Homes = ["/home", "/root", "/run/user"];
    private static readonly string[] Temporary = ["/tmp", "/var/tmp"];

    private SandboxPaths(string work, IReadOnlyList<string> written, bool usesHomes, bool usesTemporary) =>
        (Work, Written, UsesHomes, UsesTemporary) = (work, written, usesHomes, usesTemporary);

    /// <summary>The work folder.</summary>
    public string Work { get; }

    /// <summary>The folders that are written, the work folder first, without those that lie inside another one.</summary>
    public IReadOnlyList<string> Written { get; }

    /// <summary>Whether anything below the home folders is read or written, such as keys.</summary>
    public bool UsesHomes { get; }

    /// <summary>Whether any configured path is in a temporary folder, which a private /tmp would hide.</summary>
    public bool UsesTemporary { get; }

    /// <summary>The paths of a configuration.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="others">Other paths that are read: the program, the configuration file.</param>
    public static SandboxPaths Of(SyncConfig config, IEnumerable<string> others)
    {
        var written = new List<string> { config.WorkDir };
        if (Path.GetDirectoryName(config.LogFile) is { Length: > 0 } logs) written.Add(logs);
        if (Path.GetDirectoryName(config.DebugLog) is { Length: > 0 } debugLogs) written.Add(debugLogs);
        written.AddRange(LocalRoots(config));

        // The outputs folder is written only to remove or archive sources.
        if (config.OutputsDir is { } outputs
            && (config.FinishedJobs.Action != FinishedJobsAction.Keep || config.Routes.Any(route => route.Release == ReleasePolicy.Delete)))
            written.Add(config.FinishedJobs.Folder is { } archive ? Above(outputs, archive) : outputs);
        if (config.FinishedJobs.Folder is { } folder) written.Add(folder);
        var needed = Outermost(written);
        var read = others.Concat(needed).Concat(ReadFiles(config)).Append(config.OutputsDir ?? "/").ToList();
        return new(
            config.WorkDir,
            needed,
            read.Exists(path => IsIn(path, Homes)) || config.Destinations.Values.Any(ReadsFromHome),
            read.Exists(path => IsIn(path, Temporary)));
    }

    // systemd makes each writable path a mount of its own, and rename does not work across mounts, so outputs and archive must be below one path.
    private static string Above(string outputs, string archive)
    {
        var folder = outputs;
        while (folder is not null && !IsIn(archive, [folder])) folder = Path.GetDirectoryName(folder);
        return folder is null or "/" ? outputs : folder;
    }

    private static IEnumerable<string> LocalRoots(SyncConfig config)
    {
        foreach (var to in config.Routes.SelectMany(route => route.To).Distinct(StringComparer.Ordinal))
        {
            string? root = null;
            try
            {
                root = TargetTemplate.Read(to, config).LocalFolder(config);
            }
            catch (RouteProblemException)
            {
                // A route without a target writes nothing; the run reports it.
            }

            if (root is not null) yield return root;
        }
    }

    private static IEnumerable<string> ReadFiles(SyncConfig config)
    {
        var destinations = config.Destinations.Values;
        var references = destinations.OfType<SftpDestinationConfig>().Select(sftp => sftp.Password)
            .Concat(destinations.OfType<RsyncDestinationConfig>().Select(rsync => rsync.Password))
            .Concat(destinations.OfType<S3DestinationConfig>().SelectMany(s3 => new[] { s3.AccessKeyId, s3.SecretAccessKey }))
            .Concat(config.Webhooks.Select(hook => hook.Secret))
            .Append(config.Ledger?.Reference);
        return references.Where(reference => reference?.Scheme == "file").Select(reference => reference!.Name)
            .Concat(destinations.OfType<SftpDestinationConfig>().SelectMany(sftp => new[] { sftp.IdentityFile, sftp.KnownHosts }.OfType<string>()));
    }

    // ssh and the AWS credential chain read their configuration and keys from the account's home.
    private static bool ReadsFromHome(DestinationConfig destination) => destination switch
    {
        SftpDestinationConfig => true,
        RsyncDestinationConfig rsync => !rsync.Target.StartsWith('/') && !rsync.Target.StartsWith("rsync:", StringComparison.OrdinalIgnoreCase),
        S3DestinationConfig s3 => s3.AccessKeyId is null,
        _ => false,
    };

    private static IReadOnlyList<string> Outermost(List<string> paths)
    {
        var full = paths.Select(path => Path.TrimEndingDirectorySeparator(path)).Distinct(StringComparer.Ordinal).ToList();
        return [.. full.Where(path => !full.Exists(other => other != path && IsIn(path, [other])))];
    }

    private static bool IsIn(string path, string[] folders) =>
        Array.Exists(
            folders,
            folder => path.StartsWith(folder, StringComparison.Ordinal)
                && (path.Length == folder.Length || folder == "/" || path[folder.Length] == '/'));
}
