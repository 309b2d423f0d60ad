using System.Buffers;
using System.Buffers.Binary;
using NasSync.Destinations.Sftp;

namespace NasSync.Tests.Destinations.Sftp;

public sealed class SftpPacketTests
{
    [Fact]
    public void A_request_is_length_type_id_and_fields()
    {
        var packet = new SftpPacket(SftpType.Open).Text("ü").U32(7).U64(-2);
        Assert.Equal("0000001703DEADBEEF00000002C3BC00000007FFFFFFFFFFFFFFFE", Convert.ToHexString(packet.Finish(0xDEADBEEF).Span));
        Assert.Equal("000000050100000003", Convert.ToHexString(new SftpPacket(SftpType.Init).U32(3).Finish(99).Span));
    }

    [Fact]
    public void A_request_grows_beyond_what_was_expected()
    {
        var data = SftpWorld.Content(100_000);
        Assert.Equal(data, new SftpPacket(SftpType.Write, 16).Bytes(data).Finish(1).Span[13..].ToArray());
    }

    [Theory]
    [InlineData("00000000", null, null, null, null, null)]
    [InlineData("00000001" + "0000000000000005", 5L, null, null, null, null)]
    [InlineData("0000000F" + "0000000000000005" + "0000000100000002" + "000081A4" + "0000000A0000000B", 5L, 0x81A4u, 11u, 1u, 2u)]
    [InlineData("80000004" + "000041ED" + "00000001" + "00000001" + "61" + "00000000", null, 0x41EDu, null, null, null)]
    public void Attributes_are_what_the_flags_say(string hex, long? size, uint? permissions, uint? mtime, uint? owner, uint? group) =>
        Assert.Equal(new SftpAttributes(size, permissions, mtime, owner, group), Reply(SftpType.Attrs, Convert.FromHexString(hex)).Attributes());

    [Fact]
    public void A_packet_that_ends_too_early_is_refused_wherever_it_ends()
    {
        var whole = Convert.FromHexString("8000000F"
            + "0000000000000005" + "0000000100000002" + "000081A4" + "0000000A0000000B" + "00000001" + "00000001" + "61" + "00000001" + "62");
        Reply(SftpType.Attrs, whole).Attributes();
        for (var length = 0; length < whole.Length; length++)
            Assert.Throws<SftpProtocolException>(() => Reply(SftpType.Attrs, whole[..length]).Attributes());
    }

    [Theory]
    [InlineData("FFFFFFFF61")]
    [InlineData("7FFFFFFF61")]
    [InlineData("0000000261")]
    public void A_length_beyond_the_packet_is_refused(string hex) =>
        Assert.Throws<SftpProtocolException>(() => Reply(SftpType.Handle, Convert.FromHexString(hex)).Text());

    [Theory]
    [InlineData("a", "'./a'")]
    [InlineData("/a b", "'/a b'")]
    [InlineData("-rf", "'./-rf'")]
    [InlineData("it's", "'./it'\\''s'")]
    [InlineData("$(x)`y`\"\n;", "'./$(x)`y`\"\n;'")]
    public void A_path_is_one_word_for_the_shell(string path, string quoted) => Assert.Equal(quoted, RemoteHash.Quote(path));

    private static SftpReply Reply(SftpType type, byte[] fields)
    {
        var rented = ArrayPool<byte>.Shared.Rent(5 + fields.Length);
        rented[0] = (byte)type;
        BinaryPrimitives.WriteUInt32BigEndian(rented.AsSpan(1), 1);
        fields.CopyTo(rented, 5);
        return new SftpReply(rented, 5 + fields.Length);
    }
}
