namespace NasSync.Files;

/// <summary>
/// Standard output or standard error, as inherited. Unlike the console's own stream it reports a closed pipe, and it never mistakes a file that the
/// runtime opened for standard output: when a shell closed it (<c>>&amp;-</c>), its number is the next free one.
/// </summary>
public sealed class StandardStream : WriteOnlyStream
{
    private const int OutputNumber = 1, ErrorNumber = 2;
    private readonly int _number;
    private readonly bool _isOpen;

    private StandardStream(int number, bool isOpen) => (_number, _isOpen) = (number, isOpen);

    /// <summary>
    /// Opens both. Call it before anything else opens a file: it occupies the numbers of closed descriptors, so that none of our files gets one and
    /// the output of libraries and children there is discarded.
    /// </summary>
    public static (Stream Output, Stream Error) Open()
    {
        if (!OperatingSystem.IsLinux()) return (Console.OpenStandardOutput(), Console.OpenStandardError());
        var (output, error) = (
            new StandardStream(OutputNumber, Libc.IsInherited(OutputNumber)),
            new StandardStream(ErrorNumber, Libc.IsInherited(ErrorNumber)));
        Libc.FillStandardNumbers();
        return (output, error);
    }

    /// <summary>Whether an error means that the reader closed the pipe, because it has enough or has ended.</summary>
    public static bool IsClosedPipe(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error.HResult == Libc.EPIPE;
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (!_isOpen) throw Libc.Error(Libc.EBADF, "write", Name);
        Libc.WriteAll(_number, buffer, Name);
    }

    private string Name => _number == OutputNumber ? "standard output" : "standard error";
}
