using System.IO.Pipes;
using System.Runtime.InteropServices;

namespace NasSync.Processes;

/// <summary>How much a pipe holds. The usual 64 KiB make both ends wait for each other some ten thousand times per gigabyte.</summary>
internal static partial class PipeSize
{
    // fcntl(2); the numbers are the same on every architecture.
    private const int SetPipeSize = 1031;
    private const int GetPipeSize = 1032;

    /// <summary>Asks for a size. A wish: other systems have no such call, and Linux bounds what one user may have in all.</summary>
    public static void TrySet(Stream end, int bytes)
    {
        if (OperatingSystem.IsLinux() && end is PipeStream { SafePipeHandle: { } handle }) _ = Call(handle, SetPipeSize, bytes);
    }

    /// <summary>How much it holds; null where the system does not tell.</summary>
    public static int? Of(Stream end) =>
        OperatingSystem.IsLinux() && end is PipeStream { SafePipeHandle: { } handle } && Call(handle, GetPipeSize, 0) is > 0 and var bytes
            ? bytes
            : null;

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Call(SafeHandle file, int command, int argument);
}
