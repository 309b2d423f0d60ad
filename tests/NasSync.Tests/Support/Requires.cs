using System.Collections.Concurrent;
using System.Diagnostics;

namespace NasSync.Tests.Support;

/// <summary>
/// Asks, once per run, whether this machine has what a test needs: <c>linux</c>, <c>windows</c>, <c>root</c>, <c>mount</c> (this process may
/// mount a tmpfs), <c>xfs</c> (and an XFS image, for reflinks), a full path, or else a command of the PATH such as <c>strace</c>.
/// With NASSYNC_TEST_REQUIRE=all, or with the need's name in its comma-separated list, a missing need is a failure, not a skip.
/// </summary>
internal static class Requires
{
    private static readonly ConcurrentDictionary<string, string?> Known = new(StringComparer.Ordinal);

    /// <summary>Why the first missing need is missing; null when all are there.</summary>
    public static string? Missing(params string[] needs) => needs.Select(need => Known.GetOrAdd(need, Probe)).FirstOrDefault(reason => reason is not null);

    /// <summary>Whether a missing need must fail the test. Another operating system never does: no machine is two.</summary>
    public static bool MustHave(params string[] needs)
    {
        var required = (Environment.GetEnvironmentVariable("NASSYNC_TEST_REQUIRE") ?? "").Split(',', StringSplitOptions.TrimEntries);
        return needs.Any(need => Missing(need) is not null && need is not ("linux" or "windows") && (required.Contains("all") || required.Contains(need)))
            && !needs.Any(need => need is "linux" or "windows" && Missing(need) is not null);
    }

    private static string? Probe(string need) => need switch
    {
        "linux" => OperatingSystem.IsLinux() ? null : "needs Linux",
        "windows" => OperatingSystem.IsWindows() ? null : "needs Windows",
        "root" => Environment.IsPrivilegedProcess ? null : "needs to run as root",
        "mount" => ProbeMount(),
        "xfs" => Missing("mount", "mkfs.xfs") ?? (File.ReadAllText("/proc/filesystems").Contains("\txfs") ? null : "needs a kernel with XFS"),
        _ when need.StartsWith('/') => Path.Exists(need) ? null : $"needs {need}",
        _ => OnPath(need) ? null : $"needs the command '{need}'",
    };

    private static bool OnPath(string command)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        string[] names = OperatingSystem.IsWindows() ? [$"{command}.exe", $"{command}.cmd"] : [command];
        return folders.Any(folder => names.Any(name => File.Exists(Path.Combine(folder, name))));
    }

    private static string? ProbeMount()
    {
        if (Missing("linux", "root") is { } missing) return missing;
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
