using System.Runtime.Versioning;
using NasSync.Destinations.Pipeline;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

/// <summary>
/// A source that is written in place and has its size and time set back, as tag editors do, and one that only gets another mode or another name: the
/// inode's change time tells that something was done, and the hash what.
/// </summary>
[Needs("linux", "ln")]
[UnsupportedOSPlatform("windows")]
public sealed class TouchedSourceTests : IDisposable
{
    private const int Large = (12 * SourceFeed.BlockBytes) + 123;
    private static readonly DateTime Written = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);
    private readonly SyncWorld _world = new();
    private readonly string _source;

    public TouchedSourceTests()
    {
        _world.Route = To(ReleasePolicy.Keep);
        var job = _world.Job().Add("a.m4a", "audio", content: Content(1));
        _source = Path.Combine(job.Folder, "a.m4a");
        File.SetLastWriteTimeUtc(_source, Written);
        job.Write();
    }

    [NeedsTheory]
    [InlineData(VerifyLevel.Size)]
    [InlineData(VerifyLevel.Readback)]
    public async Task One_that_is_written_over_with_its_time_set_back_while_it_is_copied_is_never_committed_nor_released(VerifyLevel verify)
    {
        _world.Route = To(ReleasePolicy.Delete) with { Verify = verify };
        var events = await RunAsync(DestinationCall.Write, Rewrite);
        Assert.Equal(["SourceChanged"], events.OfType<TransferEvent.Failed>().Select(failed => failed.Failure.Code));
        Assert.Empty(_world.NasFiles());
        Assert.Equal(Content(2), File.ReadAllBytes(_source));

        Assert.Equal(1, (await _world.SyncAsync()).Committed);
        Assert.Equal(Content(2), File.ReadAllBytes(Path.Combine(_world.Nas, "job_1/a.m4a")));
        Assert.False(File.Exists(_source));
    }

    [NeedsTheory]
    [InlineData("mode")]
    [InlineData("link")]
    public async Task One_that_gets_another_mode_or_name_while_it_is_copied_is_committed_and_known_as_it_is_then(string what)
    {
        var events = await RunAsync(DestinationCall.Write, () => Touch(what));
        Assert.Single(events.OfType<TransferEvent.Committed>());
        Assert.Equal(SourceNow(), Assert.Single(_world.Recorded()).Source.ChangeNs);
        Assert.Equal(1, (await _world.SyncAsync()).Unchanged);
    }

    [RequiresFact("linux")]
    public async Task One_that_was_written_over_since_it_was_recorded_is_sent_again_although_size_and_time_are_the_same()
    {
        await _world.SyncAsync();
        Rewrite();
        Assert.Equal(1, (await _world.SyncAsync()).Committed);
        Assert.Equal(Content(2), File.ReadAllBytes(Path.Combine(_world.Nas, "job_1/a.m4a")));
        Assert.Equal(1, (await _world.SyncAsync()).Unchanged);
    }

    [NeedsTheory]
    [InlineData("mode")]
    [InlineData("link")]
    public async Task One_that_was_only_touched_since_it_was_recorded_is_read_once_and_nothing_is_sent(string what)
    {
        await _world.SyncAsync();
        Touch(what);
        Assert.NotEqual(SourceNow(), Assert.Single(_world.Recorded()).Source.ChangeNs);
        var result = await _world.SyncAsync();
        Assert.Equal((0, 1, 0), (result.Committed, result.Unchanged, result.Failed));
        Assert.Equal(SourceNow(), Assert.Single(_world.Recorded()).Source.ChangeNs);
    }

    [RequiresFact("linux")]
    public async Task One_that_is_written_over_between_its_copy_and_the_record_is_not_released()
    {
        _world.Route = To(ReleasePolicy.Delete);
        var events = await RunAsync(DestinationCall.Commit, Rewrite);
        Assert.Single(events.OfType<TransferEvent.Committed>());
        Assert.Empty(events.OfType<TransferEvent.Released>());
        Assert.Equal(Content(2), File.ReadAllBytes(_source));
    }

    [RequiresFact("linux")]
    public async Task One_that_is_touched_between_its_copy_and_the_record_is_released()
    {
        _world.Route = To(ReleasePolicy.Delete);
        Assert.Single((await RunAsync(DestinationCall.Commit, () => Touch("mode"))).OfType<TransferEvent.Released>());
    }

    [RequiresFact("linux")]
    public async Task A_ledger_that_knows_no_change_time_takes_the_source_for_unchanged()
    {
        await _world.SyncAsync();
        using (var ledger = NasSync.Ledgers.Ledger.Open(_world.Config.WorkDir))
        {
            var row = Assert.Single(ledger.OfJob("job_1"));
            ledger.Record([row with { Source = row.Source with { ChangeNs = 0 } }]);
        }

        Touch("mode");
        Assert.Equal(1, (await _world.SyncAsync()).Unchanged);
    }

    public void Dispose() => _world.Dispose();

    private static Route To(ReleasePolicy release) =>
        new() { Number = 1, To = ["${remoteRoots.nas}/${jobId}"], Verify = VerifyLevel.Readback, Release = release };

    private static byte[] Content(int seed)
    {
        var content = new byte[Large];
        new Random(seed).NextBytes(content);
        return content;
    }

    private long SourceNow()
    {
        using var folder = SourceFolder.Open(NasSync.Watching.ManifestFile.Read(Path.Combine(Path.GetDirectoryName(_source)!, "manifest.json")));
        return folder.Stat(new Artifact { Kind = "audio", Path = "a.m4a" }).ChangeNs;
    }

    // Again until the change time shows it: the kernel's clock for it goes in steps.
    private void Rewrite() => Changing(() =>
    {
        using (var file = new FileStream(_source, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) file.Write(Content(2));
        File.SetLastWriteTimeUtc(_source, Written);
    });

    private void Touch(string what)
    {
        var names = 0;
        Changing(() =>
        {
            if (what == "mode") File.SetUnixFileMode(_source, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            else System.Diagnostics.Process.Start("ln", [_source, Path.Combine(_world.Root, $"other{names++}")]).WaitForExit();
        });
    }

    private void Changing(Action change)
    {
        var before = SourceNow();
        do change();
        while (SourceNow() == before);
    }

    private async Task<IReadOnlyList<TransferEvent>> RunAsync(DestinationCall step, Action interrupt)
    {
        var first = 0;
        _world.Wrap = (_, place) => new Interrupted(place, step, () =>
        {
            if (Interlocked.Exchange(ref first, 1) == 0) interrupt();
        });
        try
        {
            return await _world.RunAsync();
        }
        finally
        {
            _world.Wrap = null;
        }
    }
}
