using NasSync.Destinations.Local;

namespace NasSync.Transfers;

/// <summary>The buffers of one worker: while one block is hashed on another thread, the next ones are read and written.</summary>
internal sealed class BlockRing
{
    private const int Slots = 4;
    private readonly byte[]?[] _buffers = new byte[]?[Slots];
    private readonly Task?[] _busy = new Task?[Slots];

    /// <summary>The buffer for the n-th block, once whoever still reads it is done.</summary>
    public byte[] Take(long block)
    {
        var slot = block % Slots;
        _busy[slot]?.GetAwaiter().GetResult();
        _busy[slot] = null;
        return _buffers[slot] ??= GC.AllocateUninitializedArray<byte>(LocalWriteSession.BlockBytes);
    }

    /// <summary>Says that the n-th block's buffer is read until the task is done.</summary>
    public void Hold(long block, Task until) => _busy[block % Slots] = until;
}
