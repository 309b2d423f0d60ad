using System.Runtime.CompilerServices;
using NasSync.Ledgers;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

/// <summary>What a run that does not end keeps of items that failed.</summary>
public sealed class RecorderTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly ManualTime _time = new();

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Nothing_is_kept_of_a_source_that_stays_because_a_copy_failed_or_was_left(bool failed)
    {
        using var ledger = Ledger.Open(_temp["work"], _time);
        using var unrecorded = UnrecordedCopies.Open(_temp["work"]);
        var recorder = new Recorder(
            ledger, unrecorded, _ => null, _time, _ => { }, new SecondLook((_, _) => Task.FromResult<FileState?>(null), _time));
        var artifact = Fail(recorder, failed);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(artifact.IsAlive);
        GC.KeepAlive(recorder);
    }

    // In a method of its own, whose variables are gone afterwards.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Fail(Recorder recorder, bool failed)
    {
        var item = SampleEvents.Item() with { Release = ReleasePolicy.Delete };
        recorder.Expect([item]);
        if (failed) recorder.Add(new Outcome(item, null, SampleEvents.Failure(), TimeSpan.Zero));
        else recorder.Leave(item);
        recorder.Complete();
        using var stop = new CancellationTokenSource();
        recorder.Run(stop);
        return new WeakReference(item.Artifact);
    }
}
