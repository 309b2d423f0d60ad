using System.Runtime.InteropServices;

namespace NasSync.Processes;

/// <summary>
/// A child and all it starts, as one thing that can be stopped. On Unix <c>setsid</c> makes the child the leader of a session of its own (and
/// becomes the child: the process id stays), which also takes the terminal away from it: nothing can ask a question there, and a Ctrl-C
/// reaches only us. Without that program, and on Windows, the tree of processes is the best there is.
/// </summary>
internal static partial class ProcessGroup
{
    private const int Terminate = 15;
    private const int Kill = 9;
    private static readonly string? SetSid = OperatingSystem.IsWindows() ? null : ProgramFinder.Find("setsid");

    /// <summary>True when a child can be the leader of a group here.</summary>
    public static bool Supported => SetSid is not null;

    /// <summary>The program to start, and what comes before its own arguments.</summary>
    public static (string Program, IReadOnlyList<string> Prefix) Wrap(string program) => SetSid is { } setSid ? (setSid, [program]) : (program, []);

    /// <summary>Asks every process of the group to end. For a leader that lives: before it has its group, it alone is asked.</summary>
    public static void SignalTerminate(int leader)
    {
        if (Supported && Send(-leader, Terminate) != 0) _ = Send(leader, Terminate);
    }

    /// <summary>Ends every process of the group. A group that is gone already is what was wanted.</summary>
    public static void SignalKill(int leader)
    {
        if (Supported) _ = Send(-leader, Kill);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int target, int signal);
}
