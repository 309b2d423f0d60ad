using System.Diagnostics.CodeAnalysis;
using System.Management.Automation;
using NasSync.Config;

namespace NasSync.PowerShell;

/// <summary>
/// Reads the configuration for a session: relative paths start at the session's location, which is not the process's current folder.
/// </summary>
internal static class SessionConfig
{
    /// <summary>Finds and reads the configuration with all its problems.</summary>
    /// <param name="cmdlet">The cmdlet of the session.</param>
    /// <param name="file">The value of <c>-Config</c>; null without it.</param>
    /// <param name="near">The full path of something to sync: the file may lie beside its outputs folder. Null when there is none.</param>
    public static (ConfigResult Result, string Source) Read(PSCmdlet cmdlet, string? file, string? near) =>
        Read(cmdlet.SessionState.Path, file, near);

    /// <summary>The same without a cmdlet, for example for completion.</summary>
    /// <param name="session">The paths of the session.</param>
    /// <param name="file">The value of <c>-Config</c>; null without it.</param>
    /// <param name="near">The full path of something to sync; null when there is none.</param>
    public static (ConfigResult Result, string Source) Read(PathIntrinsics session, string? file, string? near) => Later(session, file, near)();

    /// <summary>The same, but reads later and from any thread: queries the session now, which only the pipeline thread may do.</summary>
    /// <param name="session">The paths of the session.</param>
    /// <param name="file">The value of <c>-Config</c>; null without it.</param>
    /// <param name="near">The full path of something to sync; null when there is none.</param>
    public static Func<(ConfigResult Result, string Source)> Later(PathIntrinsics session, string? file, string? near)
    {
        SecretReader.Vault ??= SessionVault.Read;
        var process = ConfigSources.OfProcess();
        var folder = session.CurrentFileSystemLocation.ProviderPath;
        var named = file is null ? null : Named(session, file);
        return () => Load(process, named, folder, near);
    }

    private static (ConfigResult Result, string Source) Load(ConfigSources process, string? named, string folder, string? near)
    {
        var location = ConfigLocator.Locate(named, process.Environment, folder, near);
        var result = ConfigLoader.Load(process with { FilePath = location.Path, CurrentFolder = folder });
        if (location.Warning is { } warning) result = result with { Problems = [warning, .. result.Problems] };
        result = result with { Problems = [.. result.Problems.Select(problem => (ConfigProblem)ModuleWords.Of(problem))] };
        return (result, location.Path ?? "of the environment");
    }

    /// <summary>The configuration; a mistake ends the command.</summary>
    /// <param name="cmdlet">The cmdlet of the session.</param>
    /// <param name="file">The value of <c>-Config</c>; null without it.</param>
    /// <param name="near">The full path of something to sync; null when there is none.</param>
    /// <param name="warn">Writes warnings where the user sees them. A cmdlet that only reads leaves them to the one that acts, because otherwise each
    /// step of a pipeline would repeat them.</param>
    public static SyncConfig Require(PSCmdlet cmdlet, string? file, string? near, bool warn = false)
    {
        if (!TryRequire(cmdlet, file, near, warn, out var config, out var problem))
            cmdlet.ThrowTerminatingError(ErrorRecords.From(problem.Failure, problem.Source));
        return config!;
    }

    /// <summary>The configuration, or its problem, which is not written.</summary>
    /// <param name="cmdlet">The cmdlet of the session.</param>
    /// <param name="file">The value of <c>-Config</c>; null without it.</param>
    /// <param name="near">The full path of something to sync; null when there is none.</param>
    /// <param name="warn">Writes warnings where the user sees them.</param>
    /// <param name="config">The configuration, when it can be used.</param>
    /// <param name="problem">Otherwise the failure and its source.</param>
    public static bool TryRequire(
        PSCmdlet cmdlet,
        string? file,
        string? near,
        bool warn,
        [NotNullWhen(true)] out SyncConfig? config,
        out (Failure Failure, string Source) problem)
    {
        var (result, source) = Read(cmdlet, file, near);
        foreach (var warning in result.Problems.Where(one => one.Severity == ConfigSeverity.Warning))
        {
            if (warn) cmdlet.WriteWarning(warning.ToString());
            else cmdlet.WriteVerbose(warning.ToString());
        }

        config = result.Config;
        problem = config is null ? (CmdletFailure.ConfigInvalid(source, result.Problems), source) : default;
        return config is not null;
    }

    // A missing drive holds no file; the loader gives the best message for that.
    private static string Named(PathIntrinsics session, string file)
    {
        try
        {
            return session.GetUnresolvedProviderPathFromPSPath(file);
        }
        catch (SessionStateException)
        {
            return file;
        }
    }
}
