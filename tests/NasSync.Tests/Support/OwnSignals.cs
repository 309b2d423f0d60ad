using System.Diagnostics;

namespace NasSync.Tests.Support;

/// <summary>
/// Resets SIGHUP, SIGINT and SIGQUIT for a child process. <c>nohup</c> ignores the first, a shell's <c>&amp;</c> the other two; children inherit
/// this, and the program then rightly ignores the signals, which would break tests that send them.
/// </summary>
internal static class OwnSignals
{
    private static readonly string[] Reset = ["env", "--default-signal=HUP,INT,QUIT"];

    /// <summary>The words to put before the command line; empty where <c>env</c> does not know the option.</summary>
    public static readonly string[] Words = OperatingSystem.IsLinux() && IsKnown() ? Reset : [];

    private static bool IsKnown()
    {
        using var process = Process.Start(new ProcessStartInfo(Reset[0], [Reset[1], "true"]) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
