namespace NasSync.Destinations.Sftp;

/// <summary>
/// The connections to one host. A further one is opened only when there is more work than the ones that are there carry: a large file is work
/// for one, and so are sixteen small ones. A host that does not want another is served over those that there are. Not for several threads at
/// once: <see cref="SftpLink"/> holds its lock around each call.
/// </summary>
internal sealed class SftpLines(int most, Func<Task<SftpConnection>> open, TimeProvider time)
{
    private const int Full = 16;
    private const long WeightBytes = 1024 * 1024;

    // To open one takes a fifth of a second and more: a file that is sent sooner does not wait for it.
    private const int WorthWaiting = 8;
    private static readonly TimeSpan RefusalHolds = TimeSpan.FromMinutes(5);
    private readonly List<SftpLine> _lines = [];
    private long? _refusedAt;

    /// <summary>All of them.</summary>
    public IReadOnlyList<SftpLine> All => _lines;

    /// <summary>How much of a connection's work a file of a size is.</summary>
    public static int WeightOf(long size) => (int)Math.Clamp(size / WeightBytes, 1, Full);

    /// <summary>The one for a short question: the least busy that is open; the first is opened when there is none.</summary>
    public SftpLine Any() => LeastBusy(_lines.Where(line => line.IsOpen)) ?? LeastBusy(_lines) ?? Open();

    /// <summary>The one for a copy, which is added to its load.</summary>
    public SftpLine ForCopy(int weight)
    {
        var line = LeastBusy(_lines) ?? Open();
        if (line.Load > 0 && line.Load + weight > Full && _lines.Count < most && !IsRefused()) line = Open();
        if (!line.IsOpen && weight < WorthWaiting) line = Any();
        line.Load += weight;
        return line;
    }

    /// <summary>Takes out those that are gone.</summary>
    public IReadOnlyList<SftpLine> TakeGone()
    {
        var gone = _lines.Where(line => line.IsGone).ToList();
        foreach (var line in gone) Drop(line);
        return gone;
    }

    /// <summary>Takes one out that did not come about. True when there is another to go on with: then no further one is tried for a while.</summary>
    public bool Drop(SftpLine line)
    {
        _lines.Remove(line);
        if (!_lines.Exists(other => other.IsOpen)) return false;
        if (line.Opening is { IsFaulted: true, Exception: not null }) _refusedAt = time.GetTimestamp();
        return true;
    }

    private bool IsRefused() => _refusedAt is { } at && time.GetElapsedTime(at) < RefusalHolds;

    private static SftpLine? LeastBusy(IEnumerable<SftpLine> lines) => lines.MinBy(line => line.Load);

    private SftpLine Open()
    {
        var line = new SftpLine(open());
        _lines.Add(line);
        return line;
    }
}
