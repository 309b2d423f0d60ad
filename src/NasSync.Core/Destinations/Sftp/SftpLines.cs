namespace NasSync.Destinations.Sftp;

/// <summary>
/// The connections to one host. Another one is opened only when there is more work than the existing ones carry: one large file fills a connection,
/// and so do sixteen small ones. A host that refuses another connection is served over the existing ones. Not thread-safe: <see cref="SftpLink"/>
/// holds its lock around each call.
/// </summary>
internal sealed class SftpLines(int most, Func<Task<SftpConnection>> open, TimeProvider time)
{
    private const int Full = 16;
    private const long WeightBytes = 1024 * 1024;

    // Opening a connection takes a fifth of a second or more; a file that is sent faster does not wait for it.
    private const int WorthWaiting = 8;
    private static readonly TimeSpan RefusalHolds = TimeSpan.FromMinutes(5);
    private readonly List<SftpLine> _lines = [];
    private long? _refusedAt;

    /// <summary>All connections.</summary>
    public IReadOnlyList<SftpLine> All => _lines;

    /// <summary>The load that a file of a size puts on a connection, from 1 to 16.</summary>
    public static int WeightOf(long size) => (int)Math.Clamp(size / WeightBytes, 1, Full);

    /// <summary>The connection for a short query: the least busy open one; opens the first when there is none.</summary>
    public SftpLine Any() => LeastBusy(_lines.Where(line => line.IsOpen)) ?? LeastBusy(_lines) ?? Open();

    /// <summary>The connection for a copy; adds the copy to its load.</summary>
    public SftpLine ForCopy(int weight)
    {
        var line = LeastBusy(_lines) ?? Open();
        if (line.Load > 0 && line.Load + weight > Full && _lines.Count < most && !IsRefused()) line = Open();
        if (!line.IsOpen && weight < WorthWaiting) line = Any();
        line.Load += weight;
        return line;
    }

    /// <summary>Removes the connections that are gone, and returns them.</summary>
    public IReadOnlyList<SftpLine> TakeGone()
    {
        var gone = _lines.Where(line => line.IsGone).ToList();
        foreach (var line in gone) Drop(line);
        return gone;
    }

    /// <summary>Removes a connection that failed to open. True when another is open: then no further one is attempted for a while.</summary>
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
