namespace NasSync.Destinations.Sftp;

/// <summary>
/// The requests of SFTP version 3 as methods. A refusal throws <see cref="SftpStatusException"/>; a missing file is null where a method says so.
/// </summary>
internal sealed class SftpSession : IDisposable
{
    // Requests of the server's maximum size in flight, as in OpenSSH's client. The window is bounded, because each of up to eight connections
    // holds as much in memory.
    private const int RequestsAhead = 64;
    private const int SmallestWindow = 2 * 1024 * 1024;
    private const int LargestWindow = 8 * 1024 * 1024;

    // Reserved for folders, listings and reading back, which take handles too.
    private const int SpareHandles = 8;
    private const int PacketHead = 1024;

    /// <summary>Data bytes that every server must accept: 32 KiB, in a packet of 34,000 bytes.</summary>
    private const int SafeData = 32 * 1024;

    /// <summary>OpenSSH accepts packets of 256 KiB; larger ones gain nothing.</summary>
    private const int LargestData = 255 * 1024;
    private readonly SftpChannel _channel;
    private readonly ByteWindow _window;

    private SftpSession(Stream toServer, Stream fromServer, TimeProvider time)
    {
        _window = new ByteWindow(SmallestWindow);
        _channel = new SftpChannel(toServer, fromServer, _window, time);
    }

    /// <summary>Completes when the connection is unusable, with the cause.</summary>
    public Task<Exception> Ended => _channel.Ended;

    /// <summary>Whether the server has shown that it speaks SFTP.</summary>
    public bool Greeted => _channel.Greeted;

    /// <summary>The server's protocol version.</summary>
    public int Version { get; private set; }

    /// <summary>The server's extensions by name, each with its data.</summary>
    public IReadOnlyDictionary<string, string> Extensions { get; private set; } = new Dictionary<string, string>();

    /// <summary>Maximum bytes of one write request.</summary>
    public int WriteBytes { get; private set; } = SafeData;

    /// <summary>Maximum number of copies with an open file.</summary>
    public int FilesAtOnce { get; private set; } = 1000;

    /// <summary>Maximum bytes of one read request.</summary>
    public int ReadBytes { get; private set; } = SafeData;

    /// <summary>Whether the server reported <see cref="ReadBytes"/>: then it returns fewer bytes only at the end of a file.</summary>
    public bool TellsReadBytes { get; private set; }

    /// <summary>Starts a session; <see cref="GreetAsync"/> must follow.</summary>
    public static SftpSession Over(Stream toServer, Stream fromServer, TimeProvider time) => new(toServer, fromServer, time);

    /// <summary>Learns the server's abilities: sends the greeting and the query for its limits together.</summary>
    public async Task GreetAsync()
    {
        var greeting = _channel.GreetAsync();
        var asking = _channel.RequestAsync(ExtendedPacket("limits@openssh.com"), ReadLimits, slow: true);
        using (var version = await greeting.ConfigureAwait(false))
        {
            // In a greeting the id field holds the version.
            Version = (int)version.Id;
            var extensions = new Dictionary<string, string>(StringComparer.Ordinal);
            while (!version.AtEnd) extensions[version.Text()] = version.Text();
            Extensions = extensions;
        }

        if (await asking.ConfigureAwait(false) is not { } limits) return;
        var (packet, read, write) = (limits.Packet, limits.Read, limits.Write);
        if (limits.Handles > 0) FilesAtOnce = (int)Math.Clamp(limits.Handles - SpareHandles, 1, FilesAtOnce);
        if (packet > 0) read = Math.Min(read == 0 ? long.MaxValue : read, packet - PacketHead);
        if (packet > 0) write = Math.Min(write == 0 ? long.MaxValue : write, packet - PacketHead);
        if (read > 0) (ReadBytes, TellsReadBytes) = ((int)Math.Min(read, LargestData), true);
        if (write > 0) WriteBytes = (int)Math.Min(write, LargestData);
        _window.Resize(Math.Clamp(WriteBytes * RequestsAhead, SmallestWindow, LargestWindow));
    }

    /// <summary>Whether the server offers an extension.</summary>
    public bool Offers(string extension) => Extensions.ContainsKey(extension);

    /// <summary>Accepts no more requests; the caller closes the streams.</summary>
    public void Dispose() => _channel.Dispose();

    /// <summary>Opens a file; the caller must close the handle.</summary>
    public Task<byte[]> OpenAsync(string path, SftpOpen how) =>
        HandleAsync(new SftpPacket(SftpType.Open).Text(path).U32((uint)how).U32(0));

    /// <summary>Opens a folder for <see cref="ReadDirAsync"/>.</summary>
    public Task<byte[]> OpenDirAsync(string path) => HandleAsync(new SftpPacket(SftpType.OpenDir).Text(path));

    /// <summary>Closes a handle; some servers report a failed write only now.</summary>
    public Task CloseAsync(byte[] handle) => DoneAsync(new SftpPacket(SftpType.Close).Bytes(handle));

    /// <summary>
    /// Sends at most <see cref="WriteBytes"/> when the window has room. The outer task completes when the data is copied into the request and its
    /// buffer is free again; the inner one when the server has confirmed it.
    /// </summary>
    public async Task<Task> WriteAsync(byte[] handle, long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        await _window.TakeAsync(data.Length, cancellationToken).ConfigureAwait(false);
        var packet = new SftpPacket(SftpType.Write, data.Length + handle.Length + 64).Bytes(handle).U64(offset).Bytes(data.Span);
        return DoneAsync(packet, data.Length);
    }

    /// <summary>
    /// Requests up to <paramref name="count"/> bytes; null at the end of the file. The reply holds the data; the caller disposes it.
    /// </summary>
    public Task<SftpReply?> ReadAsync(byte[] handle, long offset, int count) =>
        _channel.RequestAsync(new SftpPacket(SftpType.Read).Bytes(handle).U64(offset).U32((uint)count), ReadData);

    /// <summary>The attributes of a path, without following a link; null when there is nothing.</summary>
    public Task<SftpAttributes?> LStatAsync(string path) => AttributesAsync(new SftpPacket(SftpType.LStat).Text(path));

    /// <summary>The attributes of a path, following links; null when there is nothing.</summary>
    public Task<SftpAttributes?> StatAsync(string path) => AttributesAsync(new SftpPacket(SftpType.Stat).Text(path));

    /// <summary>The attributes of an open file.</summary>
    public async Task<SftpAttributes> FStatAsync(byte[] handle) =>
        await AttributesAsync(new SftpPacket(SftpType.FStat).Bytes(handle)).ConfigureAwait(false)
            ?? throw new SftpStatusException(SftpStatus.NoSuchFile, "");

    /// <summary>Sets the modification time of an open file, in seconds since 1970.</summary>
    public Task SetMtimeAsync(byte[] handle, uint seconds) =>
        DoneAsync(new SftpPacket(SftpType.FSetStat).Bytes(handle).U32(8).U32(seconds).U32(seconds));

    /// <summary>Sets the mode of an open file.</summary>
    public Task SetModeAsync(byte[] handle, int mode) => DoneAsync(new SftpPacket(SftpType.FSetStat).Bytes(handle).U32(4).U32((uint)mode));

    /// <summary>Sets owner and group of an open file; the protocol can only set both.</summary>
    public Task SetOwnerAsync(byte[] handle, uint owner, uint group) =>
        DoneAsync(new SftpPacket(SftpType.FSetStat).Bytes(handle).U32(2).U32(owner).U32(group));

    /// <summary>Sets the mode of a path, following links.</summary>
    public Task SetModeAsync(string path, int mode) => DoneAsync(new SftpPacket(SftpType.SetStat).Text(path).U32(4).U32((uint)mode));

    /// <summary>Sets owner and group of a path, following links.</summary>
    public Task SetOwnerAsync(string path, uint owner, uint group) =>
        DoneAsync(new SftpPacket(SftpType.SetStat).Text(path).U32(2).U32(owner).U32(group));

    /// <summary>Truncates the open file to a size in bytes.</summary>
    public Task SetSizeAsync(byte[] handle, long size) => DoneAsync(new SftpPacket(SftpType.FSetStat).Bytes(handle).U32(1).U64(size));

    /// <summary>The next names of an open folder; null when there are no more.</summary>
    public Task<IReadOnlyList<(byte[] Name, SftpAttributes Attributes)>?> ReadDirAsync(byte[] handle) =>
        _channel.RequestAsync(new SftpPacket(SftpType.ReadDir).Bytes(handle), ReadNames);

    /// <summary>Creates a folder.</summary>
    public Task MkDirAsync(string path) => DoneAsync(new SftpPacket(SftpType.MkDir).Text(path).U32(0));

    /// <summary>Removes an empty folder.</summary>
    public Task RmDirAsync(string path) => DoneAsync(new SftpPacket(SftpType.RmDir).Text(path));

    /// <summary>Removes a file.</summary>
    public Task RemoveAsync(string path) => DoneAsync(new SftpPacket(SftpType.Remove).Text(path));

    /// <summary>Renames. By the protocol it fails when the new name is taken, but not every server obeys.</summary>
    public Task RenameAsync(string from, string to) => DoneAsync(new SftpPacket(SftpType.Rename).Text(from).Text(to));

    /// <summary>Renames and replaces an existing file in one step.</summary>
    public Task PosixRenameAsync(string from, string to) => DoneAsync(ExtendedPacket("posix-rename@openssh.com").Text(from).Text(to));

    /// <summary>Creates a hard link; fails when the name is taken.</summary>
    public Task HardLinkAsync(string from, string to) => DoneAsync(ExtendedPacket("hardlink@openssh.com").Text(from).Text(to));

    /// <summary>Makes an open file durable by fsync.</summary>
    public Task FsyncAsync(byte[] handle) => DoneAsync(ExtendedPacket("fsync@openssh.com").Bytes(handle), slow: true);

    /// <summary>The state of a path's file system; null when the server does not report it.</summary>
    public async Task<SftpSpace?> SpaceAsync(string path) =>
        Offers("statvfs@openssh.com")
            ? await _channel.RequestAsync(ExtendedPacket("statvfs@openssh.com").Text(path), ReadSpace).ConfigureAwait(false)
            : null;

    private static SftpPacket ExtendedPacket(string name) => new SftpPacket(SftpType.Extended).Text(name);

    private Task<byte[]> HandleAsync(SftpPacket packet) => _channel.RequestAsync(packet, ReadHandle);

    private Task<SftpAttributes?> AttributesAsync(SftpPacket packet) => _channel.RequestAsync(packet, ReadAttributes);

    private Task<bool> DoneAsync(SftpPacket packet, int windowBytes = 0, bool slow = false) =>
        _channel.RequestAsync(packet, ReadDone, windowBytes, slow);

    private static (long Packet, long Read, long Write, long Handles)? ReadLimits(SftpReply reply)
    {
        using (reply)
        {
            return reply.Type == SftpType.ExtendedReply ? (reply.U64(), reply.U64(), reply.U64(), reply.AtEnd ? 0 : reply.U64()) : null;
        }
    }

    private static SftpReply? ReadData(SftpReply reply)
    {
        if (reply.Type == SftpType.Data) return reply;
        using (reply)
        {
            var (status, text) = StatusOf(reply);
            return status == SftpStatus.EndOfFile ? null : throw new SftpStatusException(status, text);
        }
    }

    private static IReadOnlyList<(byte[] Name, SftpAttributes Attributes)>? ReadNames(SftpReply reply)
    {
        using (reply)
        {
            if (reply.Type != SftpType.Name)
            {
                var (status, text) = StatusOf(reply);
                return status == SftpStatus.EndOfFile ? null : throw new SftpStatusException(status, text);
            }

            var names = new List<(byte[], SftpAttributes)>();
            for (var count = reply.U32(); count > 0; count--)
            {
                var name = reply.Bytes().ToArray();
                reply.Bytes();
                names.Add((name, reply.Attributes()));
            }

            return names;
        }
    }

    private static SftpSpace? ReadSpace(SftpReply reply)
    {
        using (reply)
        {
            const long readOnly = 1;
            if (reply.Type != SftpType.ExtendedReply) return null;
            var numbers = new long[11];
            for (var i = 0; i < numbers.Length; i++) numbers[i] = reply.U64();

            // A file system without inodes reports 0 of 0.
            return new SftpSpace(
                Math.Max(numbers[1], 1) * numbers[4],
                numbers[5] == 0 ? long.MaxValue : numbers[7],
                (int)Math.Min(numbers[10], 4096),
                (numbers[9] & readOnly) != 0);
        }
    }

    private static byte[] ReadHandle(SftpReply reply)
    {
        using (reply)
        {
            if (reply.Type == SftpType.Handle) return reply.Bytes().ToArray();
            var (status, text) = StatusOf(reply);
            throw new SftpStatusException(status, text);
        }
    }

    private static SftpAttributes? ReadAttributes(SftpReply reply)
    {
        using (reply)
        {
            if (reply.Type == SftpType.Attrs) return reply.Attributes();
            var (status, text) = StatusOf(reply);
            return status == SftpStatus.NoSuchFile ? null : throw new SftpStatusException(status, text);
        }
    }

    private static bool ReadDone(SftpReply reply)
    {
        using (reply)
        {
            var (status, text) = StatusOf(reply);
            return status == SftpStatus.Ok ? true : throw new SftpStatusException(status, text);
        }
    }

    private static (SftpStatus Status, string Text) StatusOf(SftpReply reply)
    {
        if (reply.Type != SftpType.Status) throw new SftpProtocolException($"the server answered with a packet of type {(byte)reply.Type}");
        var status = (SftpStatus)reply.U32();
        return (status, reply.AtEnd ? "" : reply.Text());
    }
}
