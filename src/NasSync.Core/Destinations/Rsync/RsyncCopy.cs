using Microsoft.Win32.SafeHandles;
using NasSync.Files;

namespace NasSync.Destinations.Rsync;

/// <summary>One file that is ready to send. It keeps its source open until it has an outcome, whatever its owner does meanwhile.</summary>
internal sealed class RsyncCopy : BatchRequest<CommitReceipt>, IDisposable
{
    private readonly SafeFileHandle _source;
    private readonly FileState _before;
    private bool _held;

    /// <param name="request">The request for the copy.</param>
    /// <param name="source">The open file.</param>
    /// <param name="file">A path by which another process can open it; null: its handle below <c>/proc</c>.</param>
    /// <param name="sha256">Its hash.</param>
    /// <param name="stop">Cancels the copy.</param>
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

    /// <summary>The request for the copy.</summary>
    public WriteRequest Request { get; }

    /// <summary>A path by which another process can open the source.</summary>
    public string File { get; }

    /// <summary>The source's SHA-256.</summary>
    public string Sha256 { get; }

    /// <summary>The state that a listing shows once the file has arrived: the time in whole seconds.</summary>
    public FileState Arrived => new(Request.Size, FullSeconds(Request.MtimeNs), 0, 0);

    /// <summary>Whether another process can open our file by its handle.</summary>
    public static bool CanHandOver { get; } = OperatingSystem.IsLinux() && Directory.Exists("/proc/self/fd");

    /// <summary>
    /// Whether the source is still the file that was hashed. Size and modification time can be set back, so a changed change time (ctime) makes the
    /// content decide. At level size the answer is then false: what arrived may mix both versions.
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
