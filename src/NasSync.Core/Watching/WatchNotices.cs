using System.Threading.Channels;

namespace NasSync.Watching;

/// <summary>What people should know of the watching, without saying the same thing again and again.</summary>
internal sealed class WatchNotices(TimeProvider time)
{
    private const int Most = 100;
    private readonly Channel<Notice> _notices = Channel.CreateBounded<Notice>(new BoundedChannelOptions(Most)
    {
        FullMode = BoundedChannelFullMode.DropOldest,
    });
    private readonly Dictionary<string, long> _said = new(StringComparer.Ordinal);

    /// <summary>What was said, in its order; when nobody reads, the oldest are dropped.</summary>
    public ChannelReader<Notice> Reader => _notices.Reader;

    /// <summary>Says something.</summary>
    public void Say(Notice notice) => _notices.Writer.TryWrite(notice);

    /// <summary>Says something, unless a notice of its code was said a short while ago.</summary>
    public void Say(Notice notice, TimeSpan atMostEvery)
    {
        if (_said.TryGetValue(notice.Code, out var before) && time.GetElapsedTime(before) < atMostEvery) return;
        _said[notice.Code] = time.GetTimestamp();
        Say(notice);
    }

    /// <summary>Nothing more will be said.</summary>
    public void End() => _notices.Writer.TryComplete();
}
