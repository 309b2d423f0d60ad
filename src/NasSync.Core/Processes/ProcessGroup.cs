using System.Runtime.InteropServices;

namespace NasSync.Processes;

/// <summary>
/// A child and everything it starts, as one unit that can be stopped. On Unix, <c>setsid</c> makes the child the leader of its own session (it execs
/// the child, so the process id stays the same). The child then has no controlling terminal: it cannot prompt, and Ctrl-C reaches only this process.
/// Without <c>setsid</c>, and on Windows, the process tree is used instead.
/// </summary>
internal static partial class ProcessGroup
{
    private const int Terminate = 15;
    private const int Kill = 9;
    private const int Nothing = 0;
    private const int NoSuchProcess = 3;
    private static readonly string? SetSid = OperatingSystem.IsWindows() ? null : ProgramFinder.Find("setsid");

    /// <summary>Whether a child can lead a process group here.</summary>
    public static bool Supported => SetSid is not null;

    /// <summary>The program to start and the arguments that precede its own.</summary>
    public static (string Program, IReadOnlyList<string> Prefix) Wrap(string program) => SetSid is { } setSid ? (setSid, [program]) : (program, []);

    /// <summary>
    /// Sends SIGTERM to the whole group. The leader must be alive; before it has created its group, only the leader gets the signal.
    /// </summary>
    public static void SignalTerminate(int leader)
    {
        if (Supported && Send(-leader, Terminate) != 0) _ = Send(leader, Terminate);
    }

    /// <summary>Sends SIGKILL to the whole group. The leader must be alive, or its exit code not fetched yet.</summary>
    public static void SignalKill(int leader)
    {
        if (Supported) _ = Send(-leader, Kill);
    }

    /// <summary>
    /// Sends SIGKILL to what is left of a group whose leader has ended. The system gives the leader's id to no other process while the group has a
    /// member. So if a process with that id exists, the group is gone, and the id belongs to another program.
    /// </summary>
    public static void KillRest(int leader)
    {
        if (Supported && Send(leader, Nothing) != 0 && Marshal.GetLastPInvokeError() == NoSuchProcess) _ = Send(-leader, Kill);
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Send(int target, int signal);
}
