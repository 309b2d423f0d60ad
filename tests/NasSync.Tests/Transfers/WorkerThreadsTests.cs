using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

/// <summary>Threads for what blocks.</summary>
public sealed class WorkerThreadsTests
{
    [Fact]
    public async Task Begun_work_that_waits_leaves_its_thread_to_others()
    {
        const int Many = 50;
        using var threads = new WorkerThreads();
        var (wait, used) = (Signal(), new HashSet<Thread>());
        for (var i = 0; i < Many; i++)
        {
            var begun = new TaskCompletionSource<Thread>(TaskCreationOptions.RunContinuationsAsynchronously);
            threads.Begin(async () =>
            {
                begun.SetResult(Thread.CurrentThread);
                await wait.Task;
            });
            used.Add(await begun.Task.WaitAsync(Wait.Longest));
        }

        // Some are made where one is free only a moment later.
        Assert.InRange(used.Count, 1, Many / 2);
        wait.SetResult();
    }

    [Fact]
    public async Task The_threads_end_only_when_begun_work_is_done()
    {
        var threads = new WorkerThreads();
        var (begun, ending) = (Signal(), Signal());
        var isDone = false;
        threads.Begin(async () =>
        {
            begun.SetResult();
            await ending.Task;
            for (var i = 0; i < 10_000; i++) await Task.Yield();
            Volatile.Write(ref isDone, true);
        });
        await begun.Task.WaitAsync(Wait.Longest);
        await Task.Run(() =>
        {
            ending.SetResult();
            threads.Dispose();
            Assert.True(Volatile.Read(ref isDone));
        }).WaitAsync(Wait.Longest);
    }

    [Fact]
    public async Task What_blocks_tells_its_result_and_its_failure()
    {
        using var threads = new WorkerThreads();
        Assert.Equal(5, await threads.RunAsync(async () =>
        {
            await Task.Yield();
            return 5;
        }).WaitAsync(Wait.Longest));
        await Assert.ThrowsAsync<InvalidDataException>(() => threads.RunAsync(async () =>
        {
            await Task.Yield();
            throw new InvalidDataException("told");
        }).WaitAsync(Wait.Longest));
    }

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
