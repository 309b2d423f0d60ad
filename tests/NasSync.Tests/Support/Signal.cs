using System.Runtime.InteropServices;

namespace NasSync.Tests.Support;

/// <summary>Sends a signal with the system call itself: the command <c>kill</c> is in a package of its own, which a small system lacks.</summary>
internal static partial class Signal
{
    /// <summary>Sends TERM, HUP, INT, KILL or STOP, as Linux numbers them. Nothing happens if the process has ended before.</summary>
    public static void Send(string name, int process)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(process, 2); // 1 is the system's own, and 0 and less are groups of processes
        _ = Kill(process, name switch
        {
            "HUP" => 1,
            "INT" => 2,
            "KILL" => 9,
            "TERM" => 15,
            "STOP" => 19,
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such signal."),
        });
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
