namespace NasSync.Destinations.Sftp;

/// <summary>Packet types of SFTP version 3 (draft-ietf-secsh-filexfer-02).</summary>
internal enum SftpType : byte
{
    Init = 1,
    Version = 2,
    Open = 3,
    Close = 4,
    Read = 5,
    Write = 6,
    LStat = 7,
    FStat = 8,
    SetStat = 9,
    FSetStat = 10,
    OpenDir = 11,
    ReadDir = 12,
    Remove = 13,
    MkDir = 14,
    RmDir = 15,
    Stat = 17,
    Rename = 18,
    Status = 101,
    Handle = 102,
    Data = 103,
    Name = 104,
    Attrs = 105,
    Extended = 200,
    ExtendedReply = 201,
}

/// <summary>Status codes of SFTP version 3.</summary>
internal enum SftpStatus
{
    Ok = 0,
    EndOfFile = 1,
    NoSuchFile = 2,
    PermissionDenied = 3,
    Failure = 4,
    BadMessage = 5,
    NoConnection = 6,
    ConnectionLost = 7,
    Unsupported = 8,
}

/// <summary>How a file is opened.</summary>
[Flags]
internal enum SftpOpen
{
    Read = 1,
    Write = 2,
    Create = 8,
    Exclusive = 32,
}

/// <summary>A file's attributes as the server reports them; null where it does not.</summary>
internal readonly record struct SftpAttributes(long? Size, uint? Permissions, uint? Mtime, uint? Owner = null, uint? Group = null)
{
    private const uint KindMask = 0xF000;

    /// <summary>The permission bits of owner, group and others, and the special bits; null when the server does not report them.</summary>
    public int? Mode => (int?)(Permissions & 0xFFF);

    /// <summary>A regular file, or an entry of unreported type.</summary>
    public bool IsFile => Permissions is not { } mode || (mode & KindMask) is 0 or 0x8000;

    /// <summary>A folder.</summary>
    public bool IsFolder => Permissions is { } mode && (mode & KindMask) == 0x4000;

    /// <summary>The state in NasSync's terms; SFTP has no inodes and only whole seconds.</summary>
    public FileState State => new(Size ?? 0, (Mtime ?? 0) * 1_000_000_000L, 0, 0);
}

/// <summary>The server did not speak SFTP.</summary>
internal sealed class SftpProtocolException(string message) : Exception(message);

/// <summary>A request that the server refused.</summary>
internal sealed class SftpStatusException(SftpStatus status, string text) : Exception(text)
{
    /// <summary>The status code; the text has no fixed format.</summary>
    public SftpStatus Status => status;
}
