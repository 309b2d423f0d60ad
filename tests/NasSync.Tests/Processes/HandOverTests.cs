using NasSync.Processes;

namespace NasSync.Tests.Processes;

public sealed class HandOverTests
{
    [Fact]
    public void What_was_there_before_the_end_is_still_taken_in_its_order()
    {
        var queue = new HandOver<int>();
        queue.Add(1);
        queue.Add(2);
        queue.Complete();
        Assert.False(queue.TryAdd(3));
        Assert.Throws<InvalidOperationException>(() => queue.Add(3));
        Assert.True(queue.Take(out var first));
        Assert.True(queue.TryTake(out var second));
        Assert.Equal((1, 2), (first, second));
        Assert.False(queue.TryTake(out _));
        Assert.False(queue.Take(out _));
    }

    [Fact]
    public async Task Everything_is_taken_once_by_threads_that_wait_and_no_more_than_the_most_lies_there()
    {
        const int Most = 3, Count = 20_000, Takers = 4;
        var queue = new HandOver<int>(Most);
        var (begun, taken, tooMany) = (0, 0, 0);
        var sums = Enumerable.Range(0, Takers).Select(_ => Apart(() =>
        {
            var sum = 0L;
            while (queue.Take(out var item))
            {
                sum += item;
                Interlocked.Increment(ref taken);
            }

            return sum;
        })).ToList();
        await Apart(() =>
        {
            for (var i = 1; i <= Count; i++)
            {
                queue.Add(i);
                begun = i;

                // What a taker holds but has not counted yet.
                if (begun - Volatile.Read(ref taken) > Most + Takers) tooMany++;
            }

            return 0L;
        });
        queue.Complete();
        Assert.Equal((long)Count * (Count + 1) / 2, (await Task.WhenAll(sums)).Sum());
        Assert.Equal(0, tooMany);
    }

    private static Task<long> Apart(Func<long> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
