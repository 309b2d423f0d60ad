using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace NasSync.Destinations.Sftp;

/// <summary>A request in the making: length, type, id and fields. The buffer is rented; whoever sends it gives it back.</summary>
internal sealed class SftpPacket
{
    private const int IdAt = 5;
    private byte[] _buffer;
    private int _length;

    /// <param name="type">What it asks.</param>
    /// <param name="capacity">How many bytes are expected; it grows when there are more.</param>
    public SftpPacket(SftpType type, int capacity = 512)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(capacity);
        _buffer[4] = (byte)type;
        _length = type == SftpType.Init ? IdAt : IdAt + 4;
    }

    /// <summary>Adds a number of 4 bytes.</summary>
    public SftpPacket U32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(Next(4), value);
        return this;
    }

    /// <summary>Adds a number of 8 bytes.</summary>
    public SftpPacket U64(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(Next(8), value);
        return this;
    }

    /// <summary>Adds bytes behind their length.</summary>
    public SftpPacket Bytes(ReadOnlySpan<byte> value)
    {
        U32((uint)value.Length);
        value.CopyTo(Next(value.Length));
        return this;
    }

    /// <summary>Adds a text as UTF-8, which is what servers take names for, or as which they keep the bytes.</summary>
    public SftpPacket Text(string value) => Bytes(Encoding.UTF8.GetBytes(value));

    /// <summary>The whole packet, with its length and this id in place.</summary>
    public ReadOnlyMemory<byte> Finish(uint id)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_buffer, (uint)(_length - 4));
        if (_buffer[4] != (byte)SftpType.Init) BinaryPrimitives.WriteUInt32BigEndian(_buffer.AsSpan(IdAt), id);
        return _buffer.AsMemory(0, _length);
    }

    /// <summary>Gives the buffer back.</summary>
    public void Release() => ArrayPool<byte>.Shared.Return(_buffer);

    private Span<byte> Next(int count)
    {
        if (_length + count > _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + count));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        _length += count;
        return _buffer.AsSpan(_length - count, count);
    }
}
