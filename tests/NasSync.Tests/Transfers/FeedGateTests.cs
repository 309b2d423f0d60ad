using NasSync.Tests.Support;
using NasSync.Transfers;
using NasSync.Watching;

namespace NasSync.Tests.Transfers;

/// <summary>What holds an endless run back, and how often it is asked about.</summary>
public sealed class FeedGateTests
{
    private static readonly Failure Full = SampleEvents.Failure(FailureClass.NoSpace, "WorkFolderFull");

    private readonly ManualTime _time = new();
    private readonly List<string> _told = [];
    private readonly ManifestFeed _feed;
    private readonly FeedGate _gate;
    private Failure? _obstacle;
    private int _asked;

    public FeedGateTests()
    {
        _feed = new ManifestFeed(_time);
        _gate = new FeedGate(_feed, TimeSpan.FromSeconds(5), _time, happened => _told.Add(((TransferEvent.Warned)happened).Notice.Code));
    }

    [Fact]
    public void Of_thousands_that_wait_only_one_asks_each_time()
    {
        _obstacle = Full;
        Assert.DoesNotContain(true, Enumerable.Range(0, 1000).Select(Opens));
        Assert.Equal(1, _asked);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.DoesNotContain(true, Enumerable.Range(0, 1000).Select(Opens));
        Assert.Equal((2, "WorkFolderFull"), (_asked, Assert.Single(_told)));
    }

    [Fact]
    public async Task What_was_given_back_comes_again_and_the_end_is_told_once()
    {
        _obstacle = Full;
        _feed.Offer("/outputs/job_0/manifest.json");
        var first = await _feed.NextAsync(null, default);
        Assert.False(_gate.Opens(first!, Ask));
        _obstacle = null;
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(first, await _feed.NextAsync(null, default));
        Assert.True(_gate.Opens(first!, Ask));
        Assert.True(_gate.Opens(first!, Ask));
        Assert.Equal(["WorkFolderFull", "Resumed"], _told);
        Assert.Equal(2, _asked);
    }

    [Fact]
    public void While_a_long_backlog_is_planned_it_is_asked_about_again_after_a_while()
    {
        Assert.DoesNotContain(false, Enumerable.Range(0, 1000).Select(Opens));
        Assert.Equal(1, _asked);
        _obstacle = Full;
        Assert.True(Opens(0));
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.False(Opens(0));
    }

    [Fact]
    public void What_was_open_is_asked_about_anew_when_it_was_closed()
    {
        Assert.True(Opens(0));
        _obstacle = Full;
        _gate.Close();
        Assert.False(Opens(0));
        _gate.Close();
        Assert.False(Opens(0));
        Assert.Equal(2, _asked);
    }

    private bool Opens(int job) => _gate.Opens($"/outputs/job_{job}/manifest.json", Ask);

    private Failure? Ask()
    {
        _asked++;
        return _obstacle;
    }
}
