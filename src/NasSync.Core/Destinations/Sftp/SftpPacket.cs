using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace NasSync.Destinations.Sftp;

/// <summary>Builds a request: length, type, id and fields. The buffer is rented; the sender returns it.</summary>
internal sealed class SftpPacket
{
    private const int IdAt = 5;
    private byte[] _buffer;
    private int _length;

    /// <param name="type">The type of the request.</param>
    /// <param name="capacity">The expected size in bytes; the buffer grows when needed.</param>
    public SftpPacket(SftpType type, int capacity = 512)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(capacity);
        _buffer[4] = (byte)type;
        _length = type == SftpType.Init ? IdAt : IdAt + 4;
    }

    /// <summary>Adds a 4-byte number.</summary>
    public SftpPacket U32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(Next(4), value);
        return this;
    }

    /// <summary>Adds an 8-byte number.</summary>
    public SftpPacket U64(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(Next(8), value);
        return this;
    }

    /// <summary>Adds bytes, preceded by their length.</summary>
    public SftpPacket Bytes(ReadOnlySpan<byte> value)
    {
        U32((uint)value.Length);
        value.CopyTo(Next(value.Length));
        return this;
    }

    /// <summary>Adds a text as UTF-8: servers take names for UTF-8, or keep their bytes unchanged.</summary>
    public SftpPacket Text(string value) => Bytes(Encoding.UTF8.GetBytes(value));

    /// <summary>The complete packet, with its length and the id filled in.</summary>
    public ReadOnlyMemory<byte> Finish(uint id)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_buffer, (uint)(_length - 4));
        if (_buffer[4] != (byte)SftpType.Init) BinaryPrimitives.WriteUInt32BigEndian(_buffer.AsSpan(IdAt), id);
        return _buffer.AsMemory(0, _length);
    }

    /// <summary>Returns the buffer to the pool.</summary>
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
