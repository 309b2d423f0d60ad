using NasSync.Config;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

/// <summary>A source that its producer may still be writing is copied, but not removed before something says that it is finished.</summary>
[Needs("linux")]
public sealed class UnfinishedSourceTests : IDisposable
{
    private readonly SyncWorld _world = new();

    public UnfinishedSourceTests() =>
        _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}/${jobId}"], Release = ReleasePolicy.Delete };

    [RequiresFact("linux")]
    public async Task One_that_is_open_for_writing_stays_and_that_is_said_and_once_it_is_closed_it_goes()
    {
        var job = _world.Job().Add("a.m4a", "audio");
        job.Write();
        var source = Path.Combine(job.Folder, "a.m4a");
        using (var producer = new FileStream(source, FileMode.Append, FileAccess.Write, FileShare.ReadWrite))
        {
            AssertKept(await _world.RunAsync(), committed: 1);

            // Nothing is read again for it.
            var second = await _world.RunAsync();
            AssertKept(second, committed: 0);
            Assert.Equal([SkipKind.Unchanged], second.OfType<TransferEvent.Skipped>().Select(skipped => skipped.Kind));
            producer.Write(" and the rest"u8);
        }

        var last = await _world.RunAsync();
        Assert.Single(last.OfType<TransferEvent.Released>());
        Assert.Empty(last.OfType<TransferEvent.Warned>());
        Assert.Equal("job_1/a.m4a and the rest", File.ReadAllText(Path.Combine(_world.Nas, "job_1/a.m4a")));
    }

    [RequiresFact("linux")]
    public async Task One_whose_manifest_declares_what_it_is_goes_whoever_has_it_open()
    {
        var job = _world.Job().Add("a.m4a", "audio", declare: true);
        job.Write();
        using var producer = new FileStream(Path.Combine(job.Folder, "a.m4a"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        Assert.Single((await _world.RunAsync()).OfType<TransferEvent.Released>());
    }

    [RequiresFact("linux")]
    public async Task Where_the_configuration_says_how_long_finished_files_rest_one_goes_after_it_rested_so_long()
    {
        var job = _world.Job().Add("a.m4a", "audio");
        job.Write();
        using var producer = new FileStream(Path.Combine(job.Folder, "a.m4a"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        _world.Config = _world.Config with { Settle = TimeSpan.FromMilliseconds(1), IsSettleGiven = true };
        Assert.Single((await _world.RunAsync()).OfType<TransferEvent.Released>());
    }

    [Fact]
    public void Only_a_time_that_was_given_counts_as_one()
    {
        Assert.False(FinishedSources.Of(_world.Config with { Settle = TimeSpan.FromSeconds(2) }).BySettling);
        Assert.False(FinishedSources.Of(_world.Config with { Settle = TimeSpan.Zero, IsSettleGiven = true }).BySettling);
        Assert.True(FinishedSources.Of(_world.Config with { Settle = TimeSpan.FromSeconds(2), IsSettleGiven = true }).BySettling);
        Assert.True(Config("nasSync: { settle: 2s }").IsSettleGiven);
        Assert.False(Config("nasSync: { settleTimeout: 2s }").IsSettleGiven);
    }

    public void Dispose() => _world.Dispose();

    private static void AssertKept(IReadOnlyList<TransferEvent> events, int committed)
    {
        Assert.Equal(committed, events.OfType<TransferEvent.Committed>().Count());
        Assert.Empty(events.OfType<TransferEvent.Released>());
        var notice = Assert.Single(events.OfType<TransferEvent.Warned>()).Notice;
        Assert.Equal("SourceKept", notice.Code);
        Assert.Contains("a program has it open for writing", notice.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, ((TransferEvent.Finished)events[^1]).Result.ExitCode);
    }

    private SyncConfig Config(string yaml)
    {
        var file = Path.Combine(_world.Root, "c.yaml");
        File.WriteAllText(file, yaml);
        var environment = new Dictionary<string, string>();
        return ConfigLoader.Load(new ConfigSources { FilePath = file, CurrentFolder = _world.Root, Environment = environment }).Config!;
    }
}
