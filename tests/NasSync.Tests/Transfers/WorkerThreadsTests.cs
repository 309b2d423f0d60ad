using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

/// <summary>Threads for what blocks.</summary>
public sealed class WorkerThreadsTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Begun_work_that_waits_leaves_its_thread_to_the_next()
    {
        using var threads = new WorkerThreads();
        var (wait, first, second) = (Signal(), Told(), Told());
        threads.Begin(async () =>
        {
            first.SetResult(Thread.CurrentThread);
            await wait.Task;
        });
        var thread = await first.Task.WaitAsync(Long);

        // Free a moment after its work began to wait.
        while (second.Task is not { IsCompletedSuccessfully: true, Result: var other } || other != thread)
        {
            second = Told();
            var next = second;
            threads.Begin(() =>
            {
                next.SetResult(Thread.CurrentThread);
                return Task.CompletedTask;
            });
            await next.Task.WaitAsync(Long);
        }

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
        await begun.Task.WaitAsync(Long);
        await Task.Run(() =>
        {
            ending.SetResult();
            threads.Dispose();
            Assert.True(Volatile.Read(ref isDone));
        }).WaitAsync(Long);
    }

    [Fact]
    public async Task What_blocks_tells_its_result_and_its_failure()
    {
        using var threads = new WorkerThreads();
        Assert.Equal(5, await threads.RunAsync(async () =>
        {
            await Task.Yield();
            return 5;
        }).WaitAsync(Long));
        await Assert.ThrowsAsync<InvalidDataException>(() => threads.RunAsync(async () =>
        {
            await Task.Yield();
            throw new InvalidDataException("told");
        }).WaitAsync(Long));
    }

    // Never goes on with the test on the thread that tells.
    private static TaskCompletionSource<Thread> Told() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
