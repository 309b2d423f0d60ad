using System.Threading.Channels;

namespace NasSync.Watching;

/// <summary>Publishes notices about the watching, without repeating the same one over and over.</summary>
internal sealed class WatchNotices(TimeProvider time)
{
    private const int Most = 100;
    private readonly Channel<Notice> _notices = Channel.CreateBounded<Notice>(new BoundedChannelOptions(Most)
    {
        FullMode = BoundedChannelFullMode.DropOldest,
    });
    private readonly Dictionary<string, long> _said = new(StringComparer.Ordinal);

    /// <summary>The notices in their order; the oldest are dropped when nobody reads.</summary>
    public ChannelReader<Notice> Reader => _notices.Reader;

    /// <summary>Publishes a notice.</summary>
    public void Say(Notice notice) => _notices.Writer.TryWrite(notice);

    /// <summary>Publishes a notice unless one with its code was published within the given time.</summary>
    public void Say(Notice notice, TimeSpan atMostEvery)
    {
        if (_said.TryGetValue(notice.Code, out var before) && time.GetElapsedTime(before) < atMostEvery) return;
        _said[notice.Code] = time.GetTimestamp();
        Say(notice);
    }

    /// <summary>Completes the channel.</summary>
    public void End() => _notices.Writer.TryComplete();
}
