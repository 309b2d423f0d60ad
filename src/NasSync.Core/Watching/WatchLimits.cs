using System.Globalization;
using NasSync.Files;

namespace NasSync.Watching;

/// <summary>Names the Linux limit that prevents watching, and how to raise it.</summary>
internal static class WatchLimits
{
    /// <summary>The code of the notice about a limit.</summary>
    public const string ReachedCode = "WatchLimitReached";

    /// <summary>The code of the notice about any other refusal.</summary>
    public const string RefusedCode = "WatchRefused";

    /// <summary>The notice that changes are not reported.</summary>
    /// <param name="outputs">The outputs folder.</param>
    /// <param name="errno">The error.</param>
    /// <param name="isQueue">True when the queue could not be created, false when a folder could not be watched.</param>
    public static Notice Refused(string outputs, int errno, bool isQueue)
    {
        if (errno == Libc.ENOSPC) return Reached(outputs, "watches", "max_user_watches", 524_288);

        // EMFILE has two causes; the per-process limit of open files would also prevent opening any other file.
        if (isQueue && errno == Libc.EMFILE && CanOpenFiles()) return Reached(outputs, "watching programs", "max_user_instances", 512);
        var because = $"The system refuses to report changes in {outputs} ({System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(errno)}).";
        var hint = errno is Libc.EMFILE or Libc.ENFILE
            ? "Allow more open files (LimitNOFILE= of the service, or ulimit -n); until then the folder is looked through at every pollInterval."
            : "The folder is scanned at every pollInterval instead; nothing is missed.";
        return new Notice(RefusedCode, because, hint);
    }

    /// <summary>The notice that the kernel dropped events.</summary>
    public static Notice Overflown(string outputs)
    {
        const string setting = "max_queued_events";
        return new Notice(
            "WatchOverflow",
            $"More happened in {outputs} at once than the kernel keeps ({Current(setting)}); the whole folder is scanned now.",
            $"Nothing is missed; if it happens often: sysctl fs.inotify.{setting}={Enough(setting, 131_072)}");
    }

    private static Notice Reached(string outputs, string what, string setting, int enough) => new(
        ReachedCode,
        $"This user has no {what} left ({Current(setting)}), so the kernel does not report every change in {outputs}; the "
            + "folder is scanned at every pollInterval instead.",
        "Nothing is missed, but jobs are found later; raise the limit: sysctl "
            + $"fs.inotify.{setting}={Enough(setting, enough)} (to keep it, write that line without 'sysctl' to /etc/sysctl.d/90-nassync.conf)");

    private static string Current(string setting) => $"fs.inotify.{setting} is {Value(setting)?.ToString(CultureInfo.InvariantCulture) ?? "unknown"}";

    private static string Enough(string setting, int enough) => Math.Max(enough, (Value(setting) ?? 0) * 2).ToString(CultureInfo.InvariantCulture);

    private static long? Value(string setting)
    {
        try
        {
            return long.TryParse(File.ReadAllText($"/proc/sys/fs/inotify/{setting}"), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                ? value
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool CanOpenFiles()
    {
        try
        {
            using var file = File.OpenHandle("/dev/null");
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
