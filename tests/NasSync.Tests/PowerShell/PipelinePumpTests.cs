using NasSync.PowerShell.Pipeline;

namespace NasSync.Tests.PowerShell;

public sealed class PipelinePumpTests
{
    [Fact]
    public void What_the_work_says_arrives_in_order_and_on_the_calling_thread()
    {
        var streams = new RecordedStreams();
        new PipelinePump(streams).Run(async (writer, _) =>
        {
            for (var i = 0; i < 200; i++)
            {
                await Task.Yield();
                writer.WriteObject(i);
            }
        });

        Assert.Equal(Enumerable.Range(0, 200), streams.Objects.Cast<int>());
        Assert.Equal([Environment.CurrentManagedThreadId], streams.Threads);
    }

    [Fact]
    public void A_write_that_throws_cancels_the_work_waits_for_its_cleanup_and_is_thrown_on()
    {
        var streams = new RecordedStreams { StopAfter = 2 };
        var cleaned = false;

        Assert.Throws<PipelineEndedException>(() => new PipelinePump(streams).Run(async (writer, cancellation) =>
        {
            try
            {
                for (var i = 0; ; i++) writer.WriteObject(i);
            }
            finally
            {
                Assert.True(cancellation.IsCancellationRequested);
                await Task.Yield();
                cleaned = true;
            }
        }));

        Assert.True(cleaned);
        Assert.Equal([0, 1], streams.Objects.Cast<int>());
    }

    [Fact]
    public void Ctrl_C_cancels_the_work_and_waits_for_its_cleanup()
    {
        var streams = new RecordedStreams();
        var pump = new PipelinePump(streams);
        var cleaned = false;
        pump.Run(async (_, cancellation) =>
        {
            pump.Stop();
            try
            {
                await Task.Delay(Timeout.Infinite, cancellation);
            }
            finally
            {
                await Task.Yield();
                cleaned = true;
            }
        });

        Assert.True(cleaned);
        Assert.Empty(streams.Objects);
    }

    [Fact]
    public void Cleanup_that_never_ends_does_not_hold_the_pipeline()
    {
        var pump = new PipelinePump(new RecordedStreams(), patience: TimeSpan.FromMilliseconds(1));
        var never = new TaskCompletionSource();
        pump.Run(async (_, _) =>
        {
            pump.Stop();
            await never.Task;
        });

        Assert.False(never.Task.IsCompleted);
        never.SetResult();
    }

    [Fact]
    public void After_a_stop_no_work_is_done()
    {
        var streams = new RecordedStreams();
        var pump = new PipelinePump(streams);
        pump.Stop();
        pump.Run((writer, _) =>
        {
            writer.WriteObject("never seen");
            return Task.CompletedTask;
        });

        Assert.Empty(streams.Objects);
    }

    [Fact]
    public void What_the_work_throws_is_given_back_after_everything_it_said()
    {
        var streams = new RecordedStreams();
        var fault = new PipelinePump(streams).Run((writer, _) =>
        {
            writer.WriteObject("said");
            throw new InvalidOperationException("broken");
        });

        Assert.Equal("broken", Assert.IsType<InvalidOperationException>(fault).Message);
        Assert.Equal(["said"], streams.Objects);
    }

    [Fact]
    public void A_cancellation_that_nobody_asked_for_is_a_fault_and_one_that_was_asked_for_is_none()
    {
        var pump = new PipelinePump(new RecordedStreams());
        Assert.IsType<OperationCanceledException>(pump.Run((_, _) => throw new OperationCanceledException("of something else")));
        Assert.Null(pump.Run((_, cancellation) =>
        {
            pump.Stop();
            cancellation.ThrowIfCancellationRequested();
            return Task.CompletedTask;
        }));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_question_is_asked_on_the_calling_thread_and_its_answer_comes_back(bool answer)
    {
        var streams = new RecordedStreams { Answer = answer };
        bool? heard = null;
        new PipelinePump(streams).Run(async (writer, cancellation) => heard = await writer.ShouldProcessAsync("target", "action", cancellation));

        Assert.Equal(answer, heard);
        Assert.Equal([Environment.CurrentManagedThreadId], streams.Threads);
    }

    [Fact]
    public void A_question_that_ends_the_pipeline_cancels_the_one_who_asked()
    {
        var streams = new RecordedStreams { Asked = () => throw new PipelineEndedException() };
        var cancelled = false;
        Assert.Throws<PipelineEndedException>(() => new PipelinePump(streams).Run(async (writer, cancellation) =>
        {
            try
            {
                await writer.ShouldProcessAsync("target", "action", cancellation);
            }
            catch (OperationCanceledException)
            {
                cancelled = true;
                throw;
            }
        }));

        Assert.True(cancelled);
    }

    [Fact]
    public void The_work_does_not_run_far_ahead_of_a_slow_consumer()
    {
        var produced = 0;
        var furthest = 0;
        var streams = new RecordedStreams { Asked = () => furthest = Math.Max(furthest, Volatile.Read(ref produced)) };
        new PipelinePump(streams).Run(async (writer, cancellation) =>
        {
            // The question is taken first; while it waits for its turn the producer may fill the queue and no more.
            var asked = writer.ShouldProcessAsync("target", "action", cancellation);
            for (; produced < 10_000; produced++) writer.WriteObject(produced);
            await asked;
        });

        Assert.Equal(10_000, streams.Objects.Count);
        Assert.InRange(furthest, 0, 65);
    }
}
