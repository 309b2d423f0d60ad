using NasSync.Files;

namespace NasSync.Service.Output;

/// <summary>
/// What the program says, to somewhere that may be full, closed or gone. The work is worth more than what is said of it: what cannot be written is
/// lost, and nothing is thrown. Where there is room again it goes on, on a line of its own.
/// </summary>
/// <param name="inner">Where it goes.</param>
/// <param name="isForGood">Whether an error will not pass, so that nothing more is tried.</param>
internal sealed class LossyStream(Stream inner, Func<Exception, bool> isForGood) : WriteOnlyStream
{
    private bool _isOver;
    private bool _isCut;

    /// <summary>Why something was lost; null: nothing was.</summary>
    public Exception? Lost { get; private set; }

    /// <summary>Told once, at the first loss.</summary>
    public Action<Exception>? OnLost { get; set; }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_isOver || buffer.Length == 0) return;
        try
        {
            // Of the text that failed a part may have come through.
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
