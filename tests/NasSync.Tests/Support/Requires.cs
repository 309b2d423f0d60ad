using System.Collections.Concurrent;
using System.Diagnostics;

namespace NasSync.Tests.Support;

/// <summary>
/// Checks, once per run, whether this machine has what a test needs: <c>linux</c>, <c>windows</c>, <c>root</c>, <c>mount</c> (this process may
/// mount a tmpfs), <c>account</c> (it may start .NET as <see cref="OrdinaryAccount"/>), <c>xfs</c> (it may mount an XFS image, for reflinks),
/// <c>swift</c> (the programs of <see cref="SwiftServer"/>), <c>postgres</c> (a server that <see cref="PostgresServer"/> can start), <c>large</c>
/// (NASSYNC_TEST_LARGE is 1; takes gigabytes and minutes), <c>patience</c> (an expensive test whose promise a cheaper one shows too; runs only if
/// NASSYNC_TEST_REQUIRE asks for it), <c>soak</c> (NASSYNC_TEST_SOAK is the number of minutes), <c>news</c> (NASSYNC_MODEL_SECONDS is the number of
/// seconds for new stories), a full path, or any other name: a command on the PATH, such as <c>strace</c>. A test whose need is missing is skipped.
/// It fails instead if NASSYNC_TEST_REQUIRE is <c>all</c> or lists the need.
/// </summary>
internal static class Requires
{
    /// <summary>The variable with the minutes of a soak.</summary>
    public const string SoakVariable = "NASSYNC_TEST_SOAK";

    /// <summary>The variable with the seconds for playing new stories.</summary>
    public const string NewsVariable = "NASSYNC_MODEL_SECONDS";

    private static readonly string[] Required = (Environment.GetEnvironmentVariable("NASSYNC_TEST_REQUIRE") ?? "")
        .Split(',', StringSplitOptions.TrimEntries);
    private static readonly ConcurrentDictionary<string, string?> Known = new(StringComparer.Ordinal);

    /// <summary>The reason why the first missing need is missing; null when all needs are met.</summary>
    public static string? Missing(params string[] needs) =>
        needs.Select(need => Known.GetOrAdd(need, Probe)).FirstOrDefault(reason => reason is not null);

    /// <summary>
    /// Whether a missing need must fail the test. A missing operating system never does, since a machine has only one; nor do needs that have a
    /// variable of their own.
    /// </summary>
    public static bool MustHave(params string[] needs)
    {
        return needs.Any(need => Missing(need) is not null && !IsNeverDemanded(need) && (Required.Contains("all") || Required.Contains(need)))
            && !needs.Any(need => IsNeverDemanded(need) && Missing(need) is not null);
    }

    private static bool IsNeverDemanded(string need) => need is "linux" or "windows" or "large" or "soak" or "news";

    private static string? Probe(string need) => need switch
    {
        "linux" => OperatingSystem.IsLinux() ? null : "needs Linux",
        "windows" => OperatingSystem.IsWindows() ? null : "needs Windows",
        "root" => Environment.IsPrivilegedProcess ? null : "needs to run as root",
        "mount" => ProbeMount(),
        "account" => ProbeAccount(),
        "xfs" => Missing("mount", "mkfs.xfs") ?? (File.ReadAllText("/proc/filesystems").Contains("\txfs") ? null : "needs a kernel with XFS"),
        "large" =>
            Environment.GetEnvironmentVariable("NASSYNC_TEST_LARGE") == "1" ? null : "takes gigabytes and minutes; NASSYNC_TEST_LARGE=1 runs it",
        "postgres" => ProbePostgres(),
        "soak" => Environment.GetEnvironmentVariable(SoakVariable) is { Length: > 0 } ? null : $"goes on for minutes; {SoakVariable}=MINUTES runs it",
        "news" => Environment.GetEnvironmentVariable(NewsVariable) is { Length: > 0 }
            ? null
            : $"plays what nobody has played yet; {NewsVariable}=SECONDS runs it",
        "patience" => Required.Contains("all")
            || Required.Contains(need) ? null : "takes long, and another test shows the same at less cost; NASSYNC_TEST_REQUIRE=patience runs it",
        "swift" => Missing(SwiftServer.Programs),
        _ when need.StartsWith('/') => Path.Exists(need) ? null : $"needs {need}",
        _ => OnPath(need) ? null : $"needs the command '{need}'",
    };

    private static bool OnPath(string command)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        string[] names = OperatingSystem.IsWindows() ? [$"{command}.exe", $"{command}.cmd"] : [command];
        return folders.Any(folder => names.Any(name => File.Exists(Path.Combine(folder, name))));
    }

    private static string? ProbePostgres()
    {
        if (Missing("linux") is { } missing) return missing;
        if (PostgresServer.Programs is null) return "needs PostgreSQL's server (package postgresql)";
        return Environment.IsPrivilegedProcess ? Missing("setpriv") : null;
    }

    // Root may have .NET in its home, where no other account may go.
    private static string? ProbeAccount()
    {
        if (!Environment.IsPrivilegedProcess) return null;
        if (Missing("setpriv") is { } missing) return missing;
        string[] asked = [.. OrdinaryAccount.Words, "test", "-x", Nassync.Host];
        return Runs(asked[0], asked[1..])
            ? null
            : $"needs .NET in a folder that every account may read, which {Path.GetDirectoryName(Nassync.Host)} is not";
    }

    private static string? ProbeMount()
    {
        if (Missing("linux", "root") is { } missing) return missing;
        if (!OnPath("mount")) return "needs the command 'mount'";
        using var folder = new TempFolder();
        if (!Runs("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder.Path)) return "needs the right to mount";
        return Runs("umount", folder.Path) ? null : "could not unmount what it mounted";
    }

    private static bool Runs(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
