using Microsoft.Win32.SafeHandles;
using NasSync.Files;

namespace NasSync.Destinations.Rsync;

/// <summary>One file that is ready to be sent. It keeps its source open until it has an outcome, whatever its owner does meanwhile.</summary>
internal sealed class RsyncCopy : BatchRequest<CommitReceipt>, IDisposable
{
    private readonly SafeFileHandle _source;
    private readonly FileState _before;
    private bool _held;

    /// <param name="request">What is to be written.</param>
    /// <param name="source">The open file.</param>
    /// <param name="file">A name by which another process can open it.</param>
    /// <param name="sha256">Its hash.</param>
    /// <param name="stop">Gives it up.</param>
    public RsyncCopy(WriteRequest request, SafeFileHandle source, string? file, string sha256, CancellationToken stop)
        : base(stop)
    {
        (Request, _source, Sha256) = (request, source, sha256);
        source.DangerousAddRef(ref _held);
        _before = OpenFiles.Stat(source).State;
        File = file ?? $"/proc/{Environment.ProcessId}/fd/{source.DangerousGetHandle()}";
    }

    /// <inheritdoc/>
    public override string Key => Request.Path.Value;

    /// <summary>What is to be written.</summary>
    public WriteRequest Request { get; }

    /// <summary>A name by which another process can open the source.</summary>
    public string File { get; }

    /// <summary>The source's hash.</summary>
    public string Sha256 { get; }

    /// <summary>The file that the target's will be when it has arrived, as listings show it.</summary>
    public FileState Arrived => new(Request.Size, FullSeconds(Request.MtimeNs), 0, 0);

    /// <summary>Whether an open file can be handed to another process by its handle.</summary>
    public static bool CanHandOver { get; } = OperatingSystem.IsLinux() && Directory.Exists("/proc/self/fd");

    /// <summary>
    /// True when the source is what it was when it was hashed. Size and time can be set back; where its change time is another, the content decides,
    /// but where only sizes are compared what arrived may be of both versions.
    /// </summary>
    public bool IsUnchanged(CancellationToken cancellationToken)
    {
        var now = OpenFiles.Stat(_source).State;
        if (now != _before) return false;
        if (!now.IsTouchedSince(_before)) return true;
        if (Request.Verify == VerifyLevel.Size || FileHash.Of(_source, cancellationToken) != Sha256) return false;
        var after = OpenFiles.Stat(_source).State;
        return after == now && !after.IsTouchedSince(now);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_held) return;
        _held = false;
        _source.DangerousRelease();
    }

    private static long FullSeconds(long ns) => ns - (((ns % RsyncLooks.SecondNs) + RsyncLooks.SecondNs) % RsyncLooks.SecondNs);
}
