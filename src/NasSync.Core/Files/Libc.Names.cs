using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>Raw names: the runtime replaces each byte that is not UTF-8 with U+FFFD, and no file can be opened by such a name.</summary>
internal static unsafe partial class Libc
{
    private static readonly nint SysGetdents64 = IsArm ? 61 : 217;

    /// <summary>The bytes of every name in a newly opened folder, including "." and "..".</summary>
    public static IEnumerable<byte[]> RawNames(SafeFileHandle folder)
    {
        // linux/dirent.h: inode and offset, then the record's length, the type and the NUL-terminated name.
        const int lengthAt = 16, nameAt = 19;
        var buffer = new byte[32 * 1024];
        for (int filled; (filled = ReadNames(folder, buffer)) > 0;)
        {
            for (var at = 0; at < filled;)
            {
                var record = buffer.AsMemory(at, BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(at + lengthAt)));
                var name = record[nameAt..];
                yield return name[..name.Span.IndexOf((byte)0)].ToArray();
                at += record.Length;
            }
        }
    }

    private static int ReadNames(SafeFileHandle folder, byte[] buffer)
    {
        nint read;
        fixed (byte* start = buffer) read = Getdents64(SysGetdents64, Fd(folder), start, (nuint)buffer.Length);
        var errno = read < 0 ? Marshal.GetLastPInvokeError() : 0;
        GC.KeepAlive(folder);
        return read < 0 ? throw Error(errno, "list", "the open folder") : (int)read;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Getdents64(nint number, int folder, byte* buffer, nuint size);
}
