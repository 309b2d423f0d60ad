using System.Runtime.InteropServices;

namespace NasSync.Files;

// Calls for standard input, output and error.
internal static unsafe partial class Libc
{
    public const int EBADF = 9, EPIPE = 32;

    private const int F_GETFD = 1, FD_CLOEXEC = 1;
    private const short POLLOUT = 4;

    /// <summary>Opens <c>/dev/null</c> at each of the descriptors 0 to 2 that is closed.</summary>
    public static void FillStandardNumbers()
    {
        const int lastNumber = 2;

        // No O_CLOEXEC: children inherit these. Otherwise a file that a child opens would get such a number.
        while (Openat(AT_FDCWD, "/dev/null", O_RDWR, 0) is >= 0 and var number)
        {
            if (number <= lastNumber) continue;
            _ = Close(number);
            return;
        }
    }

    /// <summary>Whether this process inherited a descriptor: the runtime opens its own with close-on-exec.</summary>
    public static bool IsInherited(int number) => Fcntl(number, F_GETFD, 0) is >= 0 and var flags && (flags & FD_CLOEXEC) == 0;

    /// <summary>Writes all bytes and waits as long as necessary.</summary>
    /// <exception cref="IOException">The system refused.</exception>
    public static void WriteAll(int number, ReadOnlySpan<byte> bytes, string name)
    {
        fixed (byte* start = bytes)
        {
            for (var written = 0; written < bytes.Length;)
            {
                var count = (int)WriteFd(number, start + written, (nuint)(bytes.Length - written));
                if (count >= 0)
                {
                    written += count;
                    continue;
                }

                var errno = Marshal.GetLastPInvokeError();
                if (errno == EINTR) continue;
                if (errno != EAGAIN) throw Error(errno, "write", name);

                // Another process that shares the descriptor set O_NONBLOCK.
                var ready = new RoomFor { Number = number, Events = POLLOUT };
                _ = PollRoom(&ready, 1, -1);
            }
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct RoomFor
    {
        public int Number;
        public short Events;
        public short Happened;
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(int number, int command, nint argument);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteFd(int number, byte* bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int number);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int PollRoom(RoomFor* files, nuint count, int timeoutMs);
}
