using NasSync.Destinations;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

public sealed class SourceFeedTests : IDisposable
{
    private const int Size = 20 * SourceFeed.BlockBytes + 17;
    private readonly TempFolder _temp = new();
    private readonly byte[] _content = new byte[Size];
    private readonly List<Outcome> _outcomes = [];
    private readonly ManualTime _time = new();

    public SourceFeedTests()
    {
        new Random(1).NextBytes(_content);
        _temp.Write("job_1/a.m4a", _content);
    }

    [Fact]
    public async Task A_copy_that_stands_still_lets_the_other_one_reach_its_end()
    {
        var open = new TaskCompletionSource();
        var (fast, slow) = (new GatedSession(Task.CompletedTask), new GatedSession(open.Task));
        var feeding = FeedAsync(fast, slow);
        await fast.AllWritten.Task;
        Assert.Empty(slow.Received);
        open.SetResult();
        Assert.Equal(TempFolder.Sha256Of(_temp["job_1/a.m4a"]), await feeding);
        Assert.Equal(_content, fast.Content());
        Assert.Equal(_content, slow.Content());
    }

    [Fact]
    public async Task A_copy_that_is_only_slower_than_the_other_one_does_not_read_the_source_again()
    {
        using var source = File.OpenHandle(_temp["job_1/a.m4a"]);
        var sessions = new[] { new GatedSession(Task.CompletedTask), new GatedSession(Task.CompletedTask) { Turns = 500 } };
        var copies = await CopiesAsync(sessions);
        using var hasher = new BlockHasher();
        await using var feed = new SourceFeed(ToRead(source, hasher), copies.ToDictionary(copy => copy, _ => Task.CompletedTask), default);
        await feed.ReadAsync();
        Assert.All(await Task.WhenAll(copies.Select(feed.FedAsync)), Assert.False);
        Assert.All(sessions, session => Assert.Equal(_content, session.Content()));
    }

    [Fact]
    public async Task A_copy_that_is_let_go_at_any_moment_still_gets_its_blocks_in_order()
    {
        for (var round = 0; round < 60; round++)
        {
            var (fast, slow) = (new GatedSession(Task.CompletedTask), new GatedSession(Task.CompletedTask) { Turns = round * 20 });
            await FeedAsync(fast, slow);
            var next = 0L;
            foreach (var (offset, bytes) in slow.Received)
            {
                Assert.Equal(next, offset);
                next += bytes.Length;
            }

            Assert.Equal(Size, next);
        }
    }

    [Fact]
    public async Task A_stop_while_the_hasher_is_behind_is_no_error()
    {
        using var source = File.OpenHandle(_temp["job_1/a.m4a"]);
        using var open = new ManualResetEventSlim();
        using var stop = new CancellationTokenSource();
        using var hasher = new BlockHasher();
        hasher.Append(new byte[1], () => open.Wait());
        var copies = await CopiesAsync([new GatedSession(Task.CompletedTask)]);
        await using (var feed = new SourceFeed(ToRead(source, hasher), copies.ToDictionary(copy => copy, _ => Task.CompletedTask), stop.Token))
        {
            var reading = feed.ReadAsync();
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        }

        open.Set();
        hasher.Finish();
    }

    [Fact]
    public async Task Every_copy_gets_every_block_once_and_in_order()
    {
        var sessions = Enumerable.Range(0, 3).Select(_ => new GatedSession(Task.CompletedTask)).ToArray();
        await FeedAsync(sessions);
        Assert.All(sessions, session => Assert.Equal(_content, session.Content()));
        Assert.All(sessions, session =>
            Assert.Equal(session.Received.Select(block => block.Offset).Order(), session.Received.Select(block => block.Offset)));
    }

    [Fact]
    public async Task What_an_earlier_try_brought_there_is_not_sent_again()
    {
        var session = new GatedSession(Task.CompletedTask) { ResumeAt = 3 * SourceFeed.BlockBytes + 5 };
        await FeedAsync(session);
        Assert.Equal(3 * SourceFeed.BlockBytes + 5, session.Received[0].Offset);
        Assert.Equal(Size - session.ResumeAt, session.Received.Sum(block => (long)block.Bytes.Length));
    }

    [Fact]
    public async Task A_copy_that_fails_in_the_middle_stops_only_itself()
    {
        var (good, bad) = (new GatedSession(Task.CompletedTask), new GatedSession(Task.CompletedTask) { FailAt = 5L * SourceFeed.BlockBytes });
        await FeedAsync(good, bad);
        Assert.Equal(_content, good.Content());
        Assert.Equal(FailureClass.NoSpace, Assert.Single(_outcomes).Failure!.Class);
    }

    public void Dispose() => _temp.Dispose();

    private async Task<string> FeedAsync(params GatedSession[] sessions)
    {
        using var source = File.OpenHandle(_temp["job_1/a.m4a"]);
        var copies = await CopiesAsync(sessions);
        using var hasher = new BlockHasher();
        await using var feed = new SourceFeed(ToRead(source, hasher), copies.ToDictionary(copy => copy, _ => Task.CompletedTask), default);
        await _time.RunUntilAsync(feed.ReadAsync());
        foreach (var copy in copies) await feed.FedAsync(copy);
        return hasher.Finish();
    }

    private SourceToRead ToRead(Microsoft.Win32.SafeHandles.SafeFileHandle source, BlockHasher hasher) =>
        new(source, Size, hasher, new ProgressClock(TimeProvider.System, _ => { }), new Patience().Pace, _time);

    private async Task<List<CopyInProgress>> CopiesAsync(IEnumerable<GatedSession> sessions)
    {
        var copies = new List<CopyInProgress>();
        foreach (var session in sessions)
        {
            var copy = new CopyInProgress(
                SampleEvents.Item(size: Size), new OneSession(session), blocks: false, TimeProvider.System, (_, _) => { }, _outcomes.Add);
            await copy.BeginAsync(new FileState(Size, 0, 1, 1), sparse: false, new ProgressClock(TimeProvider.System, _ => { }), default);
            copies.Add(copy);
        }

        return copies;
    }

    /// <summary>Keeps what it is given, once its gate is open.</summary>
    private sealed class GatedSession(Task gate) : IWriteSession
    {
        public long ResumeAt { get; init; }

        public long FailAt { get; init; } = long.MaxValue;

        /// <summary>How slow it is: so often it lets others go first.</summary>
        public int Turns { get; init; }

        public List<(long Offset, byte[] Bytes)> Received { get; } = [];

        public TaskCompletionSource AllWritten { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public byte[] Content() => [.. Received.OrderBy(block => block.Offset).SelectMany(block => block.Bytes)];

        public async ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> block, CancellationToken cancellationToken)
        {
            await gate;
            for (var turn = 0; turn < Turns; turn++) await Task.Yield();
            if (offset >= FailAt) throw new FailureException(new Failure(FailureClass.NoSpace, "NoSpace", "Full.", "Make room."));
            Received.Add((offset, block.ToArray()));
            if (offset + block.Length == Size) AllWritten.TrySetResult();
        }

        public ValueTask<CommitReceipt> CommitAsync(string? sha256, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class OneSession(IWriteSession session) : IDestination
    {
        public ValueTask<IWriteSession> BeginWriteAsync(WriteRequest request, CancellationToken cancellationToken) => ValueTask.FromResult(session);

        public ValueTask<Capabilities> ProbeAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<FileState?> StatAsync(RelativePath path, CancellationToken cancellationToken) => throw new NotSupportedException();

        public IAsyncEnumerable<DestinationEntry> ListAsync(RelativePath? folder, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<(string Sha256, VerifiedBy By)?> HashAsync(RelativePath path, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<CommitReceipt> AdoptAsync(RelativePath path, string sha256, VerifyLevel verify, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask DeleteAsync(RelativePath path, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
