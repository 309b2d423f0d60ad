using System.Diagnostics;

namespace NasSync.Tests.Support;

/// <summary>
/// What a process begins with that heeds SIGHUP, SIGINT and SIGQUIT whatever its parent does: <c>nohup</c> ignores the first and a shell's <c>&amp;</c>
/// the others, children inherit that, and the program then rightly ignores them too.
/// </summary>
internal static class OwnSignals
{
    private static readonly string[] Reset = ["env", "--default-signal=HUP,INT,QUIT"];

    /// <summary>The words before its command line; none where <c>env</c> does not know the option.</summary>
    public static readonly string[] Words = OperatingSystem.IsLinux() && IsKnown() ? Reset : [];

    private static bool IsKnown()
    {
        using var process = Process.Start(new ProcessStartInfo(Reset[0], [Reset[1], "true"]) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
