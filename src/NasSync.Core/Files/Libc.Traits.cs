using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>Calls for mode, owner, group and extended attributes.</summary>
internal static unsafe partial class Libc
{
    private const int ENODATA = 61, ERANGE = 34;
    private const int LargestAttribute = 64 * 1024;

    /// <summary>Mode without the file type, owner and group of an open file.</summary>
    public static (int Mode, uint Owner, uint Group) RightsOf(SafeFileHandle file)
    {
        Statx buffer;
        var result = StatxAt(Fd(file), "", AT_EMPTY_PATH, STATX_BASIC_STATS, &buffer);
        var errno = Marshal.GetLastPInvokeError();
        GC.KeepAlive(file);
        return result < 0 ? throw Error(errno, "look at the rights of", "the open file") : (buffer.Mode & 0xFFF, buffer.Owner, buffer.Group);
    }

    /// <summary>Sets the mode. Null on success, else the errno.</summary>
    public static int? TrySetMode(SafeFileHandle file, int mode) => Result(Fchmod(Fd(file), (uint)mode), file);

    /// <summary>Sets owner and group; null leaves either unchanged. Null on success, else the errno.</summary>
    public static int? TrySetOwner(SafeFileHandle file, uint? owner, uint? group) =>
        Result(Fchown(Fd(file), owner ?? uint.MaxValue, group ?? uint.MaxValue), file);

    /// <summary>The names of the extended attributes; empty where the file system has none.</summary>
    public static IReadOnlyList<string> AttributeNames(SafeFileHandle file)
    {
        // Through /proc/self/fd: the f*xattr calls refuse a descriptor that was opened with O_PATH.
        var path = PathOf(file);
        var size = (int)Listxattr(path, null, 0);
        if (size <= 0) return [];
        var buffer = new byte[size + 1024];
        fixed (byte* start = buffer) size = (int)Listxattr(path, start, (nuint)buffer.Length);
        GC.KeepAlive(file);
        return size <= 0 ? [] : Encoding.UTF8.GetString(buffer, 0, size).Split('\0', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>The value of an extended attribute; null when it is missing or unreadable.</summary>
    public static byte[]? Attribute(SafeFileHandle file, string name)
    {
        var path = PathOf(file);
        var size = (int)Getxattr(path, name, null, 0);
        if (size is < 0 or > LargestAttribute) return null;

        // With a size of 0 the second call would only ask for the length again, which may have grown meanwhile.
        if (size == 0) return [];
        var value = new byte[size];
        fixed (byte* start = value) size = (int)Getxattr(path, name, start, (nuint)size);
        GC.KeepAlive(file);
        return size < 0 ? null : value[..size];
    }

    /// <summary>Sets an extended attribute. Null on success, else the errno.</summary>
    public static int? TrySetAttribute(SafeFileHandle file, string name, byte[] value)
    {
        fixed (byte* start = value) return Result(Fsetxattr(Fd(file), name, start, (nuint)value.Length, 0), file);
    }

    /// <summary>Removes an extended attribute; a missing one is no error. Null on success, else the errno.</summary>
    public static int? TryRemoveAttribute(SafeFileHandle file, string name) =>
        Result(Fremovexattr(Fd(file), name), file) is { } errno and not (ENODATA or EOPNOTSUPP) ? errno : null;

    /// <summary>The numeric id of a local user or group; null when the system knows no such name.</summary>
    public static uint? IdOf(string name, bool isGroup)
    {
        // The record, a pointer that receives its address or null, and the strings that the record points to.
        var record = stackalloc byte[128];
        for (var size = 4096; size <= 1 << 22; size *= 4)
        {
            var texts = new byte[size];
            byte* found;
            int errno;
            fixed (byte* start = texts)
                errno = isGroup ? Getgrnam(name, record, start, (nuint)size, &found) : Getpwnam(name, record, start, (nuint)size, &found);
            if (errno == ERANGE) continue;

            // struct passwd and struct group both begin with two pointers, followed by the id.
            return errno != 0 || found is null ? null : *(uint*)(record + (2 * sizeof(nint)));
        }

        return null;
    }

    private static string PathOf(SafeFileHandle file) => $"/proc/self/fd/{Fd(file)}";

    private static int? Result(int result, SafeFileHandle file)
    {
        var errno = result < 0 ? Marshal.GetLastPInvokeError() : 0;
        GC.KeepAlive(file);
        return result < 0 ? errno : null;
    }

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    private static partial int Fchmod(int file, uint mode);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    private static partial int Fchown(int file, uint owner, uint group);

    [LibraryImport("libc", EntryPoint = "listxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Listxattr(string path, byte* names, nuint size);

    [LibraryImport("libc", EntryPoint = "getxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Getxattr(string path, string name, byte* value, nuint size);

    [LibraryImport("libc", EntryPoint = "fsetxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Fsetxattr(int file, string name, byte* value, nuint size, int flags);

    [LibraryImport("libc", EntryPoint = "fremovexattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Fremovexattr(int file, string name);

    [LibraryImport("libc", EntryPoint = "getpwnam_r", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Getpwnam(string name, byte* record, byte* texts, nuint size, byte** found);

    [LibraryImport("libc", EntryPoint = "getgrnam_r", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Getgrnam(string name, byte* record, byte* texts, nuint size, byte** found);
}
