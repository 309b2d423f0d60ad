using System.Net;
using NasSync.Templates;

namespace NasSync.Config.Reading;

/// <summary>The checks that need all sources: roots, routes, and folders that must not be nested.</summary>
internal static class ConfigCheck
{
    public static SyncConfig Finish(ConfigDraft draft, ProblemList problems)
    {
        draft.Config = draft.Config with { RemoteRoots = Roots(draft, problems) };
        draft.Config = draft.Config with { Routes = RouteCheck.Finish(draft, problems) };
        CheckFolders(draft, problems);
        CheckNames(draft, problems);
        CheckMetrics(draft, problems);
        CheckArchive(draft, problems);
        return draft.Config;
    }

    private static Dictionary<string, string> Roots(ConfigDraft draft, ProblemList problems)
    {
        var roots = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, root) in draft.Roots)
        {
            roots[key] = root.Text;
            if (string.IsNullOrWhiteSpace(root.Text))
            {
                roots[key] = "";
                continue;
            }

            var value = Root(root, draft);
            if (value.Problem is null) roots[key] = value.Value;
            else problems.Error(root.Origin, value.Problem);
        }

        return roots;
    }

    private static Parsed<string> Root(RootDraft root, ConfigDraft draft)
    {
        var text = root.Text;
        if (StrayText.OfPath(text) is { } stray) return Parsed<string>.Wrong(stray);
        if (text.Contains("${", StringComparison.Ordinal))
            return Parsed<string>.Wrong("A remote root is a plain path; write placeholders into the routes.");
        if (TargetText.Split(text).Destination is { } name && draft.DestinationNames.Contains(name) && draft.Config.Method != TransferMethod.Rsync)
            return Parsed<string>.Wrong($"A remote root is a plain path; write '{name}:' into the routes, before the placeholder.");
        return draft.Config.Method switch
        {
            TransferMethod.Local when TargetText.Split(text).Destination is not null =>
                Parsed<string>.Wrong($"'{text}' is no folder of this machine; describe the place below 'destinations', or set the method."),
            TransferMethod.Local => root.Paths.Full(text),
            TransferMethod.Rsync => DestinationReader.RsyncTarget(text, root.Paths),
            TransferMethod.Scp or TransferMethod.Sftp when !text.StartsWith('/') =>
                Parsed<string>.Wrong($"'{text}' must be a full path on the server; write for example /volume1/media."),
            _ => text,
        };
    }

    // A job archived inside the outputs folder would be found and processed again.
    private static void CheckArchive(ConfigDraft draft, ProblemList problems)
    {
        var config = draft.Config;
        if (config.FinishedJobs.Folder is not { } archive
            || config.OutputsDir is not { } outputs
            || !draft.Origins.TryGetValue("finishedJobs", out var origin))
            return;
        if (!IsWithin(archive, outputs) || Path.GetRelativePath(outputs, archive) is ['.', not '.', ..] below && below.Length > 1) return;
        problems.Error(
            origin,
            $"The archive lies in outputsDir ({outputs}), where its jobs would be found again; choose a folder beside it, "
                + "or one in it whose name begins with a dot.");
    }

    // Producers control the outputs folder: a copy there would be found as a new job, and a ledger there could be overwritten.
    private static void CheckFolders(ConfigDraft draft, ProblemList problems)
    {
        var config = draft.Config;
        if (config.OutputsDir is not { } outputs) return;
        if (IsWithin(config.WorkDir, outputs))
        {
            var origin = draft.Origins.GetValueOrDefault("workDir", draft.Origins["outputsDir"]);
            problems.Error(origin, $"The work folder {config.WorkDir} lies in the outputs folder {outputs}; set workDir to a folder outside it.");
        }

        if (config.Method == TransferMethod.Local)
        {
            foreach (var (key, root) in config.RemoteRoots.Where(root => root.Value.Length > 0 && IsWithin(root.Value, outputs)))
                problems.Error(draft.Roots[key].Origin, $"The remote root {root} lies in the outputs folder {outputs}; copies must go elsewhere.");
        }

        foreach (var local in config.Destinations.Values.OfType<LocalDestinationConfig>().Where(local => IsWithin(local.Root, outputs)))
        {
            var origin = draft.Origins["destinations"];
            problems.Error(
                origin,
                $"The root {local.Root} of destination '{local.Name}' lies in the outputs folder {outputs}; copies must go elsewhere.");
        }
    }

    // Every copy below a reserved name would be refused later.
    private static void CheckNames(ConfigDraft draft, ProblemList problems)
    {
        foreach (var (key, root) in draft.Config.RemoteRoots)
        {
            if (ReservedName.In(root) is { } name) problems.Error(draft.Roots[key].Origin, $"The remote root {key} leads through {Ours(name)}");
        }

        foreach (var place in draft.Config.Destinations.Values)
        {
            if (ReservedName.In(RootOf(place)) is { } name)
                problems.Error(OriginOf(place), $"The root of destination '{place.Name}' leads through {Ours(name)}");
        }

        // A prefix may come from a variable, with or without a list of destinations in the file.
        Origin OriginOf(DestinationConfig place) =>
            draft.Origins.TryGetValue($"destinations.{place.Name}.prefix", out var origin) ? origin : draft.Origins["destinations"];

        static string Ours(string name) => $"{Failure.Quote(name)}, a name that NasSync uses for its own files; choose another folder.";
    }

    private static string RootOf(DestinationConfig place) => place switch
    {
        LocalDestinationConfig local => local.Root,
        SftpDestinationConfig sftp => sftp.Root,
        RsyncDestinationConfig rsync => rsync.Target,
        S3DestinationConfig s3 => s3.Prefix,
        _ => "",
    };

    private static void CheckMetrics(ConfigDraft draft, ProblemList problems)
    {
        if (draft.Config.MetricsPort == 0 || IPAddress.IsLoopback(IPAddress.Parse(draft.Config.MetricsAddress))) return;
        var origin = draft.Origins["metricsAddress"];
        problems.Warning(
            origin.Place,
            origin.Setting,
            $"Whoever reaches {draft.Config.MetricsAddress} can read metrics and health, nobody is asked for a password; "
                + "let only those reach it who should.");
    }

    private static bool IsWithin(string path, string folder)
    {
        var comparison = OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        return Path.Join(path, "/").StartsWith(Path.Join(folder, "/"), comparison);
    }
}
