using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using NasSync.Files;

namespace NasSync.Failures;

/// <summary>
/// Turns an error of the operating system, or an exception that carries one, into a <see cref="Failure"/> with a class, a stable code and a cure.
/// Errors whose meaning depends on the context are left to the caller: EXDEV under a confined open is an escape, ENOENT at a destination may mean
/// that it is not mounted.
/// </summary>
public static class SystemFailure
{
    internal const string ReportIt = "This is an error of NasSync itself; please report it with the log.";

    // Win32 error numbers arrive as HRESULTs 0x8007nnnn; on Unix, .NET stores the bare errno.
    private const int Win32Facility = unchecked((int)0x80070000);

    /// <summary>The failure for an <c>errno</c> of this system.</summary>
    /// <param name="errno">The value of <see cref="Marshal.GetLastPInvokeError"/>; on Windows a Win32 error number.</param>
    /// <param name="operation">The attempted operation, as a verb: <c>open</c>, <c>write</c>, <c>rename</c>.</param>
    /// <param name="path">The file or folder it was attempted on.</param>
    public static Failure FromErrno(int errno, string operation, string path)
    {
        if (OperatingSystem.IsWindows()) return FromWin32(errno, operation, path);
        return FromErrno(errno, OperatingSystem.IsMacOS(), operation, path);
    }

    /// <summary>
    /// The failure for an exception: the one that a <see cref="FailureException"/> carries, the system error behind an I/O exception, or an error of
    /// NasSync itself (class Bug, code Unexpected) for anything else. A cancelled operation is transient, code Stopped.
    /// </summary>
    /// <param name="exception">The exception.</param>
    /// <param name="operation">The attempted operation, as a verb: <c>open</c>, <c>write</c>, <c>rename</c>.</param>
    /// <param name="path">The file or folder it was attempted on.</param>
    public static Failure FromException(Exception exception, string operation, string path)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception switch
        {
            FailureException known => known.Failure,
            AggregateException { InnerExceptions.Count: 1 } one => FromException(one.InnerExceptions[0], operation, path),

            // The program's libraries existed at startup, so one that cannot be found now could not be opened for lack of file descriptors.
            FileNotFoundException or FileLoadException or TypeInitializationException or DllNotFoundException
                when IsOfLibrary(exception) && OpenFiles.AreExhausted() =>
                FromException(OpenFiles.Exhausted(), operation, path),

            // .NET stores the errno of a refused access (EACCES, EPERM, but also EBADF) in the inner exception.
            UnauthorizedAccessException { InnerException: IOException { HResult: > 0 } inner } => FromErrno(inner.HResult, operation, path),
            UnauthorizedAccessException => Describe(SystemError.Named("EACCES"), null, operation, path),
            FileNotFoundException or DirectoryNotFoundException => Describe(SystemError.Named("ENOENT"), null, operation, path),
            DriveNotFoundException => Describe(SystemError.Named("ENODEV"), null, operation, path),
            PathTooLongException => Describe(SystemError.Named("ENAMETOOLONG"), null, operation, path),
            EndOfStreamException => new Failure(
                FailureClass.Transient,
                "Truncated",
                $"Cannot {operation} {Show(path)}: it ended early.",
                "It may still be written; it is tried again."),
            Win32Exception native => FromErrno(native.NativeErrorCode, operation, path),
            IOException io => FromIo(io, operation, path),
            OutOfMemoryException => Describe(SystemError.Named("ENOMEM"), null, operation, path),
            OperationCanceledException => new Failure(
                FailureClass.Transient, "Stopped", $"Stopped before it could {operation} {Show(path)}.", "Run again to finish it."),
            TimeoutException => new Failure(
                FailureClass.Transient,
                "TimedOut",
                $"Cannot {operation} {Show(path)}: there was no answer in time.",
                "Nothing needs to be done; it is tried again."),
            _ => new Failure(
                FailureClass.Bug,
                "Unexpected",
                $"Cannot {operation} {Show(path)}: unexpected {exception.GetType().Name}: {exception.Message}",
                ReportIt),
        };
    }

    /// <summary>The failure of a file that a command was to write.</summary>
    public static Failure NotWritable(string path, Exception exception)
    {
        var isFolderMissing = Path.GetDirectoryName(path) is { Length: > 0 } folder && !Directory.Exists(folder);
        return new Failure(
            FailureClass.Permission,
            "NotWritable",
            isFolderMissing ? $"{Show(path)} cannot be written: its folder does not exist." : FromException(exception, "write", path).Message,
            isFolderMissing ? "Make the folder, or choose another path." : "Check that you may write there, or choose another path.");
    }

    /// <summary>The failure for an errno of Linux or macOS, whatever system this is.</summary>
    internal static Failure FromErrno(int errno, bool darwin, string operation, string path) =>
        SystemError.OfErrno(errno, darwin) is { } error
            ? Describe(error, error.Name, operation, path)
            : Unknown($"{Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})", operation, path);

    /// <summary>The failure for a Win32 error number, whatever system this is.</summary>
    internal static Failure FromWin32(int number, string operation, string path) =>
        WindowsError.Of(number) is { } error
            ? Describe(error, $"Windows error {number}", operation, path)
            : Unknown($"Windows error {number}", operation, path);

    private static bool IsOfLibrary(Exception exception) =>
        exception is not FileNotFoundException missing || missing.FileName?.Contains(", Version=", StringComparison.Ordinal) == true;

    private static Failure FromIo(IOException exception, string operation, string path) => exception.HResult switch
    {
        > 0 and < 0x1000 => FromErrno(exception.HResult, operation, path),
        var result when (result & unchecked((int)0xFFFF0000)) == Win32Facility => FromWin32(result & 0xFFFF, operation, path),
        _ => Unknown(exception.Message, operation, path),
    };

    private static Failure Describe(SystemError error, string? origin, string operation, string path) => new(
        error.Class, error.Code, $"Cannot {operation} {Show(path)}: {What(error, path)}{(origin is null ? "" : $" ({origin})")}.", error.Hint);

    // The system does not name the part; of a path of this machine it can still be seen. A path of a server has its name in front.
    private static string What(SystemError error, string path)
    {
        if (error.Code != "NotAFolder" || !Path.IsPathFullyQualified(path)) return error.What;
        for (var part = Path.GetDirectoryName(path); part is not null; part = Path.GetDirectoryName(part))
            if (File.Exists(part)) return $"{Show(part)} is a file and no folder";
        return error.What;
    }

    // It is unknown whether the error passes; retries are bounded, so retrying is the safe choice.
    private static Failure Unknown(string what, string operation, string path) => new(
        FailureClass.Transient,
        "SystemError",
        $"Cannot {operation} {Show(path)}: {what.TrimEnd('.')}.",
        "It is tried again; if it stays, check the disk and the system's log.");

    // Names may contain line breaks and escape sequences; a message must stay on one line and must not control the terminal.
    private static string Show(string path)
    {
        var shown = new StringBuilder(path.Length + 2).Append('\'');
        foreach (var c in path)
        {
            if (char.IsControl(c) || IsBidiControl(c)) shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else shown.Append(c);
        }

        return shown.Append('\'').ToString();

        static bool IsBidiControl(char c) => c is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\u2028' or '\u2029';
    }
}
