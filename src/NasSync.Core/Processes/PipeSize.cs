using System.IO.Pipes;
using System.Runtime.InteropServices;

namespace NasSync.Processes;

/// <summary>The capacity of a pipe. With the default 64 KiB, both ends wait for each other some ten thousand times per gigabyte.</summary>
internal static partial class PipeSize
{
    // fcntl(2); the numbers are the same on every architecture.
    private const int SetPipeSize = 1031;
    private const int GetPipeSize = 1032;

    /// <summary>Requests a capacity. Best effort: other systems have no such call, and Linux limits the total per user.</summary>
    public static void TrySet(Stream end, int bytes)
    {
        if (OperatingSystem.IsLinux() && end is PipeStream { SafePipeHandle: { } handle }) _ = Call(handle, SetPipeSize, bytes);
    }

    /// <summary>The capacity in bytes; null where the system does not report it.</summary>
    public static int? Of(Stream end) =>
        OperatingSystem.IsLinux() && end is PipeStream { SafePipeHandle: { } handle } && Call(handle, GetPipeSize, 0) is > 0 and var bytes
            ? bytes
            : null;

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Call(SafeHandle file, int command, int argument);
}
