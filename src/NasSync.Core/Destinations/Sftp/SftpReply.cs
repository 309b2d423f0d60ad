using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace NasSync.Destinations.Sftp;

/// <summary>One answer, read field by field. Every length is checked against what is there: a server's packet is input like any other.</summary>
internal sealed class SftpReply(byte[] rented, int length) : IDisposable
{
    private byte[] _rented = rented;
    private int _at = 5;

    /// <summary>What it is: the first byte. The fields begin behind the id.</summary>
    public SftpType Type { get; } = (SftpType)rented[0];

    /// <summary>Which request it answers; in a greeting, the version.</summary>
    public uint Id { get; } = BinaryPrimitives.ReadUInt32BigEndian(rented.AsSpan(1));

    /// <summary>True when nothing is left.</summary>
    public bool AtEnd => _at >= length;

    /// <summary>A number of 4 bytes.</summary>
    public uint U32() => BinaryPrimitives.ReadUInt32BigEndian(Next(4));

    /// <summary>A number of 8 bytes.</summary>
    public long U64() => BinaryPrimitives.ReadInt64BigEndian(Next(8));

    /// <summary>Bytes behind their length; gone after <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> Bytes()
    {
        var count = U32();
        if (count > length) throw Short();
        return Next((int)count);
    }

    /// <summary>A text; bytes that are no UTF-8 are replaced.</summary>
    public string Text() => Encoding.UTF8.GetString(Bytes());

    /// <summary>A file's attributes.</summary>
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
