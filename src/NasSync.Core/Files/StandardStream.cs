namespace NasSync.Files;

/// <summary>
/// Standard output or standard error as the system has it. Unlike the console's own stream it also says when nobody reads a pipe any more, and it
/// never takes for standard output what the runtime opened in its place: where a shell closed it (<c>>&amp;-</c>), the number is the next free one.
/// </summary>
public sealed class StandardStream : WriteOnlyStream
{
    private const int OutputNumber = 1, ErrorNumber = 2;
    private readonly int _number;
    private readonly bool _isOpen;

    private StandardStream(int number, bool isOpen) => (_number, _isOpen) = (number, isOpen);

    /// <summary>
    /// Both of them. To be called before anything else is opened: the numbers of closed ones are taken, so that no file of ours gets one and what a
    /// library or a child writes there lands in nothing.
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

    /// <summary>Whether an error says that nobody reads any more what is written: the reader has what it wanted, or is gone.</summary>
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
