using NasSync.Destinations.Local;

namespace NasSync.Tests.Destinations.Local;

public sealed class FolderFlushesTests
{
    private readonly FolderFlushes _flushes = new();
    private int _count;

    [Fact]
    public async Task Those_who_come_while_a_folder_is_flushed_wait_for_a_later_flush_and_share_it()
    {
        using var begun = new ManualResetEventSlim();
        using var end = new ManualResetEventSlim();
        var first = Apart(() => _flushes.Share("a", () => Hold(begun, end)));
        begun.Wait();

        // What was renamed after the first flush began is not made durable by it.
        using var came = new CountdownEvent(5);
        var others = Enumerable.Range(0, 5).Select(_ => Apart(() =>
        {
            came.Signal();
            _flushes.Share("a", Count);
        })).ToList();
        came.Wait();
        Assert.Equal(0, _count);
        Assert.DoesNotContain(others, other => other.IsCompleted);
        end.Set();
        await Task.WhenAll(others.Append(first));

        // Who came a moment later than the others may have needed one more.
        Assert.InRange(_count, 1, 5);
    }

    [Fact]
    public async Task Another_folder_waits_for_nothing()
    {
        using var begun = new ManualResetEventSlim();
        using var end = new ManualResetEventSlim();
        var first = Apart(() => _flushes.Share("a", () => Hold(begun, end)));
        begun.Wait();
        _flushes.Share("b", Count);
        Assert.Equal(1, _count);
        end.Set();
        await first;
    }

    [Fact]
    public void An_error_is_told_and_the_next_flush_is_another_one()
    {
        Assert.Throws<IOException>(() => _flushes.Share("a", () => throw new IOException("no")));
        _flushes.Share("a", Count);
        Assert.Equal(1, _count);
    }

    private static void Hold(ManualResetEventSlim begun, ManualResetEventSlim end)
    {
        begun.Set();
        end.Wait();
    }

    private static Task Apart(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Count() => Interlocked.Increment(ref _count);
}
