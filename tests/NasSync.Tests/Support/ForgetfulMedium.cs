using System.Globalization;
using System.Runtime.InteropServices;

namespace NasSync.Tests.Support;

/// <summary>
/// A medium that accepts every byte and keeps none: a file that this process has open continues on <c>/dev/zero</c>, where writes succeed and reads
/// return zeros. Linux only.
/// </summary>
internal static partial class ForgetfulMedium
{
    private const int CloseOnExec = 0x80000;

    /// <summary>Puts the medium below an open file; the owner of its handle does not notice.</summary>
    /// <param name="path">The full path of the file, which must be open once.</param>
    public static void PutBelow(string path)
    {
        var entry = Directory.EnumerateFileSystemEntries("/proc/self/fd").Single(entry => new FileInfo(entry).LinkTarget == path);
        var descriptor = int.Parse(Path.GetFileName(entry), CultureInfo.InvariantCulture);
        using var zeros = File.OpenHandle("/dev/zero", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        Assert.Equal(descriptor, Dup3((int)zeros.DangerousGetHandle(), descriptor, CloseOnExec));
    }

    [LibraryImport("libc", EntryPoint = "dup3")]
    private static partial int Dup3(int from, int to, int flags);
}
