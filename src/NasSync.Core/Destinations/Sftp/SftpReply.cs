using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace NasSync.Destinations.Sftp;

/// <summary>One answer, read field by field. Every length is checked against the packet, which is untrusted input like any other.</summary>
internal sealed class SftpReply(byte[] rented, int length) : IDisposable
{
    private byte[] _rented = rented;
    private int _at = 5;

    /// <summary>The type: the first byte. The fields begin after the id.</summary>
    public SftpType Type { get; } = (SftpType)rented[0];

    /// <summary>The id of the answered request; in a greeting, the version.</summary>
    public uint Id { get; } = BinaryPrimitives.ReadUInt32BigEndian(rented.AsSpan(1));

    /// <summary>Whether all fields are read.</summary>
    public bool AtEnd => _at >= length;

    /// <summary>Reads a 4-byte number.</summary>
    public uint U32() => BinaryPrimitives.ReadUInt32BigEndian(Next(4));

    /// <summary>Reads an 8-byte number.</summary>
    public long U64() => BinaryPrimitives.ReadInt64BigEndian(Next(8));

    /// <summary>Reads bytes preceded by their length; invalid after <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> Bytes()
    {
        var count = U32();
        if (count > length) throw Short();
        return Next((int)count);
    }

    /// <summary>Reads a text; replaces bytes that are not UTF-8.</summary>
    public string Text() => Encoding.UTF8.GetString(Bytes());

    /// <summary>Reads a file's attributes.</summary>
    public SftpAttributes Attributes()
    {
        const uint HasSize = 1, HasOwner = 2, HasPermissions = 4, HasTimes = 8, HasExtended = 0x80000000;
        var flags = U32();
        long? size = (flags & HasSize) != 0 ? U64() : null;
        (uint, uint)? owner = (flags & HasOwner) != 0 ? (U32(), U32()) : null;
        uint? permissions = (flags & HasPermissions) != 0 ? U32() : null;
        uint? mtime = null;
        if ((flags & HasTimes) != 0)
        {
            Next(4);
            mtime = U32();
        }

        if ((flags & HasExtended) != 0)
            for (var count = U32(); count > 0; count--)
            {
                Bytes();
                Bytes();
            }

        return new SftpAttributes(size, permissions, mtime, owner?.Item1, owner?.Item2);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _rented, []) is { Length: > 0 } buffer) ArrayPool<byte>.Shared.Return(buffer);
    }

    private ReadOnlySpan<byte> Next(int count)
    {
        if (count < 0 || count > length - _at) throw Short();
        _at += count;
        return _rented.AsSpan(_at - count, count);
    }

    private SftpProtocolException Short() => new($"a packet of type {(byte)Type} ends after {length} bytes, in the middle of a field");
}
