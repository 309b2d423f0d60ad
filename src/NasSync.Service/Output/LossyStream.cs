using NasSync.Files;

namespace NasSync.Service.Output;

/// <summary>
/// A stream for the program's output whose target may be full, closed or gone. The work matters more than the output: what cannot be written is lost,
/// and nothing is thrown. When the target accepts output again, it continues on a new line.
/// </summary>
/// <param name="inner">The target.</param>
/// <param name="isForGood">Whether an error is permanent, so that no further write is attempted.</param>
internal sealed class LossyStream(Stream inner, Func<Exception, bool> isForGood) : WriteOnlyStream
{
    private bool _isOver;
    private bool _isCut;

    /// <summary>The first error that lost output; null when nothing was lost.</summary>
    public Exception? Lost { get; private set; }

    /// <summary>Called once, at the first loss.</summary>
    public Action<Exception>? OnLost { get; set; }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_isOver || buffer.Length == 0) return;
        try
        {
            // Part of the failed text may have been written, so start a new line.
            if (_isCut) inner.Write("\n"u8);
            inner.Write(buffer);
            inner.Flush();
            _isCut = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            _isCut = true;
            _isOver = isForGood(e);
            if (Lost is not null) return;
            Lost = e;
            OnLost?.Invoke(e);
        }
    }
}
