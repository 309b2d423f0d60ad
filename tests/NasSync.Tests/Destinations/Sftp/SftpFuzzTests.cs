using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using NasSync.Destinations.Sftp;
using NasSync.Destinations.Ssh;
using NasSync.Tests.Support;

namespace NasSync.Tests.Destinations.Sftp;

/// <summary>Whatever a server sends in place of SFTP: each call ends with an answer or with one of the exceptions that become a failure.</summary>
[Long]
public sealed class SftpFuzzTests(ITestOutputHelper output)
{
    private static readonly SshCommand Ssh = new(new SshLogin("nas"), new Dictionary<string, string>());

    // The answers to what Ask asks for, in its order.
    private static readonly byte[] Talk =
    [
        .. Packet(
            SftpType.Version, 3, Text("posix-rename@openssh.com"), Text("1"), Text("statvfs@openssh.com"), Text("2"), Text("limits@openssh.com"),
            Text("1")),
        .. Packet(SftpType.ExtendedReply, 1, U64(256 * 1024), U64(255 * 1024), U64(255 * 1024), U64(1019)),
        .. Packet(SftpType.Attrs, 2, U32(0x8000000F), U64(5), U32(1), U32(2), U32(0x81A4), U32(10), U32(11), U32(1), Text("a"), Text("b")),
        .. Packet(SftpType.Handle, 3, Text("handle")),
        .. Packet(SftpType.Name, 4, U32(2), Text("."), Text("drwx"), U32(4), U32(0x41ED), Text("song.m4a"), Text("-rw-"), U32(1), U64(7)),
        .. Packet(SftpType.Data, 5, Text("music")),
        .. Packet(SftpType.Status, 6, U32(4), Text("Failure"), Text("en")),
        .. Packet(SftpType.Status, 7, U32(0), Text("Success"), Text("")),
    ];

    private static readonly byte[] Refused = [
        .. Packet(SftpType.Version, 3),
        .. Enumerable.Range(1, 7).SelectMany(id => Packet(SftpType.Status, (uint)id, U32(2), Text("No such file"), Text(""))),
    ];

    private static readonly byte[][] Pieces =
    [
        U32(0), U32(1), U32(5), U32(0x7FFFFFFF), U32(0x80000000), U32(0xFFFFFFFF), U32(4 << 20), U64(-1), U64(long.MinValue), [101], [102], [103],
        [104], [105], [201], [2],
        Packet(SftpType.Status, 6, U32(0)), Packet(SftpType.Handle, 3, U32(0)), "Welcome!\n"u8.ToArray(), Text("limits@openssh.com"), U32(0x80000000),
        U32(0x8000000F),
    ];

    [Fact]
    public void Whatever_comes_in_place_of_answers_each_call_ends()
    {
        var answers = new Fuzzer([Talk, Refused, "Welcome to the NAS!\r\nLast login: today\r\n"u8.ToArray(), []], Pieces) { Sharing = 3 }
            .Run(output, bytes => ReadAsync(bytes).GetAwaiter().GetResult());
        Assert.Contains(answers.Keys, answer => answer.StartsWith("answer answer answer answer answer ", StringComparison.Ordinal));
        Assert.Contains(answers.Keys, answer => answer.Contains("SftpProtocolException", StringComparison.Ordinal));
    }

    [Fact]
    public void Whatever_the_fields_of_a_packet_are_none_is_read_beyond_its_end()
    {
        byte[][] samples =
        [
            [.. U32(0x8000000F), .. U64(5), .. U32(1), .. U32(2), .. U32(0x81A4), .. U32(10), .. U32(11), .. U32(1), .. Text("a"), .. Text("b")],
            Text("ü"),
            [.. U64(1), .. Text("x"), .. U32(2)],
        ];
        new Fuzzer(samples, Pieces) { Sharing = 3 }.Run(output, bytes =>
        {
            var read = new List<string>();
            foreach (var field in (Action<SftpReply>[])[
                reply => reply.Attributes(), reply => reply.Text(), reply => reply.U64(), reply => reply.Bytes(), reply => All(reply),
            ])
            {
                // The buffer goes on behind the packet, as rented ones do.
                var rented = ArrayPool<byte>.Shared.Rent(5 + bytes.Length + 64);
                rented.AsSpan().Fill(0xEE);
                rented[0] = (byte)SftpType.Attrs;
                bytes.CopyTo(rented, 5);
                using var reply = new SftpReply(rented, 5 + bytes.Length);
                read.Add(Outcome(() => field(reply)));
            }

            return string.Join(' ', read);
        });
    }

    [Fact]
    public void Whatever_ssh_says_becomes_one_failure()
    {
        string[] samples =
        [
            "@@@@@@@@@@@\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n"
                + "The fingerprint for the ED25519 key sent by the remote host is\nSHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.\n"
                + "Host key verification failed.\n",
            "No ED25519 host key is known for [127.0.0.1]:2222 and you have requested strict checking.\r\nHost key verification failed.\r\n",
            "me@nas: Permission denied (publickey,password).\r\n",
            "ssh: connect to host nas port 22: Connection refused\r\n", "ssh: Could not resolve hostname nas: Name or service not known\r\n",
            "subsystem request failed on channel 0\n",
            "@@@ WARNING: UNPROTECTED PRIVATE KEY FILE! @@@\nLoad key \"/k\": bad permissions\n",
            "/home/me/.ssh/config: line 3: Bad configuration option: foo\n", "kex_exchange_identification: read: Connection reset by peer\n", "",
        ];
        string[] pieces = [
            "\n", "\r", "\0", "\u001b[31m", "SHA256:", "ssh: ", "terminating,", "Permission denied (", "Too many authentication failures", "\u202e",
            new('x', 400),
        ];
        Exception[] ends =
            [new EndOfStreamException("the connection is closed"), new SftpProtocolException("Welcome\u001b[2J\n"), new IOException("broken pipe")];
        new Fuzzer([.. samples.Select(Encoding.UTF8.GetBytes)], [.. pieces.Select(Encoding.UTF8.GetBytes), [0xFF]]) { Sharing = 3 }
            .Run(output, bytes =>
            {
                var text = Encoding.UTF8.GetString(bytes);
                var codes = new SortedSet<string>(StringComparer.Ordinal);
                foreach (var end in ends)
                    foreach (var greeted in (bool[])[true, false])
                    {
                        // What a login script prints comes before the greeting.
                        if (greeted && end is SftpProtocolException) continue;
                        var failure = SshFailure.Classify("me@nas", text, greeted, end, Ssh);
                        Assert.NotEmpty(failure.Hint);
                        Assert.DoesNotContain(failure.Message + failure.Hint, char.IsControl);
                        Assert.InRange(failure.Message.Length, 1, 2000);
                        codes.Add(failure.Code);
                    }

                return string.Join(' ', codes);
            });
    }

    private static async Task<string> ReadAsync(byte[] bytes)
    {
        using var server = new Server(bytes);
        using var session = SftpSession.Over(Stream.Null, server, TimeProvider.System);
        Task[] asked =
        [
            session.GreetAsync(), session.LStatAsync("/a"), session.OpenDirAsync("/"), session.ReadDirAsync([1]), ReadAsync(session),
            session.RemoveAsync("/x"), session.CloseAsync([1]),
        ];
        server.Begin();
        var outcomes = new List<string>();
        foreach (var one in asked)
            try
            {
                await one;
                outcomes.Add("answer");
            }
            catch (Exception e) when (e is SftpProtocolException or SftpStatusException or IOException)
            {
                outcomes.Add(e.GetType().Name);
            }

        Assert.InRange(session.WriteBytes, 1, 255 * 1024);
        Assert.InRange(session.ReadBytes, 1, 255 * 1024);
        Assert.InRange(session.FilesAtOnce, 1, 1000);
        Assert.True(await session.Ended is EndOfStreamException or SftpProtocolException or IOException);
        return string.Join(' ', outcomes);
    }

    private static async Task ReadAsync(SftpSession session) => (await session.ReadAsync([1], 0, 5))?.Dispose();

    private static void All(SftpReply reply)
    {
        while (!reply.AtEnd) reply.Bytes();
    }

    private static string Outcome(Action read)
    {
        try
        {
            read();
            return "read";
        }
        catch (SftpProtocolException)
        {
            return "refused";
        }
    }

    private static byte[] Packet(SftpType type, uint id, params byte[][] fields)
    {
        byte[] body = [(byte)type, .. U32(id), .. fields.SelectMany(field => field)];
        return [.. U32((uint)body.Length), .. body];
    }

    private static byte[] Text(string text) => [.. U32((uint)Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    private static byte[] U32(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] U64(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes;
    }

    /// <summary>What a server sends, from the moment on when everything was asked.</summary>
    private sealed class Server(byte[] bytes) : MemoryStream(bytes)
    {
        private readonly ManualResetEventSlim _begun = new();

        public void Begin() => _begun.Set();

        public override int Read(byte[] buffer, int offset, int count)
        {
            _begun.Wait(TimeSpan.FromMinutes(1));
            return base.Read(buffer, offset, count);
        }

        public override int Read(Span<byte> buffer)
        {
            _begun.Wait(TimeSpan.FromMinutes(1));
            return base.Read(buffer);
        }
    }
}
