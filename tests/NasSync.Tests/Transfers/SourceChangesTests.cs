using NasSync.Destinations.Pipeline;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

/// <summary>What becomes of a copy whose source, job folder or manifest changes while its first block is on the way.</summary>
public sealed class SourceChangesTests : IDisposable
{
    // More than is read ahead: the source is not read to its end before its first block has arrived.
    private const int Large = (12 * SourceFeed.BlockBytes) + 123;
    private readonly SyncWorld _world = new();
    private readonly SampleJob _job;
    private readonly string _source;

    public SourceChangesTests()
    {
        // Read back, so that blocks are written where source and target could share their extents.
        _world.Route = To(ReleasePolicy.Keep);
        _job = _world.Job().Add("a.m4a", "audio", content: Content(1));
        _job.Write();
        _source = Path.Combine(_job.Folder, "a.m4a");
    }

    [Theory]
    [InlineData("appended to")]
    [InlineData("written over")]
    [InlineData("truncated")]
    [InlineData("emptied")]
    public async Task A_source_that_changes_while_it_is_copied_is_never_committed_and_the_next_run_sends_it_whole(string how)
    {
        var events = await RunAsync(() =>
        {
            using var file = new FileStream(_source, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            if (how == "appended to") file.Seek(0, SeekOrigin.End);
            if (how is "truncated" or "emptied") file.SetLength(how == "emptied" ? 0 : SourceFeed.BlockBytes + 1);
            else file.Write(Content(2), 0, 100);
        });
        var failed = Assert.Single(events.OfType<TransferEvent.Failed>());
        Assert.Equal((FailureClass.Transient, "SourceChanged"), (failed.Failure.Class, failed.Failure.Code));
        Assert.Equal(ExitCode.WillRetry, Result(events).ExitCode);
        Assert.Empty(_world.NasFiles());
        Assert.Empty(_world.Recorded());

        Assert.Equal(1, (await _world.SyncAsync()).Committed);
        Assert.Equal(TempFolder.Sha256Of(_source), TempFolder.Sha256Of(Path.Combine(_world.Nas, "job_1/a.m4a")));
    }

    [Fact]
    public async Task A_source_that_another_file_replaces_while_it_is_copied_arrives_as_it_was_and_the_next_run_sends_the_other()
    {
        var before = TempFolder.Sha256Of(_source);
        var beside = Path.Combine(_world.Root, "beside");
        File.WriteAllBytes(beside, Content(3));
        var events = await RunAsync(() => File.Move(beside, _source, overwrite: true));
        Assert.Single(events.OfType<TransferEvent.Committed>());
        Assert.Equal(before, TempFolder.Sha256Of(Path.Combine(_world.Nas, "job_1/a.m4a")));

        Assert.Equal(1, (await _world.SyncAsync()).Committed);
        Assert.Equal(TempFolder.Sha256Of(_source), TempFolder.Sha256Of(Path.Combine(_world.Nas, "job_1/a.m4a")));
        Assert.Equal(["job_1/a.m4a"], _world.NasFiles());
    }

    [Fact]
    public async Task A_source_that_another_file_replaces_is_not_released_with_it()
    {
        _world.Route = To(ReleasePolicy.Delete);
        var beside = Path.Combine(_world.Root, "beside");
        File.WriteAllBytes(beside, Content(3));
        var events = await RunAsync(() => File.Move(beside, _source, overwrite: true));
        Assert.Empty(events.OfType<TransferEvent.Released>());
        Assert.Equal(Content(3), File.ReadAllBytes(_source));
    }

    [Fact]
    public async Task A_source_that_is_removed_while_it_is_copied_arrives_whole()
    {
        var before = TempFolder.Sha256Of(_source);
        var events = await RunAsync(() => File.Delete(_source));
        Assert.Single(events.OfType<TransferEvent.Committed>());
        Assert.Equal(before, TempFolder.Sha256Of(Path.Combine(_world.Nas, "job_1/a.m4a")));
    }

    [Theory]
    [InlineData("kept", "SourceGone")]
    [InlineData("rewritten", null)]
    [InlineData("removed", null)]
    public async Task A_source_that_is_gone_is_a_failure_only_as_long_as_its_manifest_says_that_it_is_there(string manifest, string? code)
    {
        var request = new SyncRequest
        {
            Approve = (_, _) =>
            {
                if (manifest == "removed") Directory.Delete(_job.Folder, recursive: true);
                else File.Delete(_source);
                if (manifest == "rewritten") _world.Job().Add("b.m4a", "audio").Write();
                return ValueTask.FromResult(true);
            },
        };
        var events = await _world.RunAsync(request);
        Assert.Equal(code is null ? [] : [code], events.OfType<TransferEvent.Failed>().Select(failed => failed.Failure.Code));
        Assert.Equal(code is null ? [SkipKind.Superseded] : [], events.OfType<TransferEvent.Skipped>().Select(skipped => skipped.Kind));
        Assert.Equal(code is null ? ExitCode.Ok : ExitCode.FailedForGood, Result(events).ExitCode);
        Assert.Empty(_world.NasFiles());
    }

    [Theory]
    [InlineData(ReleasePolicy.Keep)]
    [InlineData(ReleasePolicy.Delete)]
    public async Task A_job_folder_that_is_renamed_while_it_is_copied_is_read_on_and_known_again_under_its_new_name(ReleasePolicy release)
    {
        _world.Route = To(release);
        var moved = Path.Combine(_world.Outputs, "renamed");
        var events = await RunAsync(() => Directory.Move(_job.Folder, moved));
        Assert.Single(events.OfType<TransferEvent.Committed>());
        Assert.Equal(0, Result(events).Failed);
        Assert.Equal(Content(1), File.ReadAllBytes(Path.Combine(moved, "a.m4a")));

        var next = await _world.RunAsync();
        Assert.Equal((0, 0), (Result(next).Committed, Result(next).Failed));
        Assert.Equal(release == ReleasePolicy.Keep, File.Exists(Path.Combine(moved, "a.m4a")));
        Assert.Equal(["job_1/a.m4a"], _world.NasFiles());
    }

    [Fact]
    public async Task A_manifest_that_is_rewritten_while_its_job_runs_is_carried_out_by_the_next_run_without_sending_anything_twice()
    {
        _job.Add("c.m4a", "audio").Write();
        var events = await RunAsync(() => _job.Add("b.m4a", "audio").Write());
        Assert.Equal(0, Result(events).Failed);
        Assert.Equal(["job_1/a.m4a", "job_1/c.m4a"], _world.NasFiles());

        var next = await _world.SyncAsync();
        Assert.Equal((1, 2, 0), (next.Committed, next.Unchanged, next.Failed));
        Assert.Equal(["job_1/a.m4a", "job_1/b.m4a", "job_1/c.m4a"], _world.NasFiles());
    }

    [Fact]
    public async Task A_source_stays_when_its_manifest_is_rewritten_while_it_is_copied_because_the_new_one_may_want_it_elsewhere()
    {
        _world.Config = _world.Config with
        {
            Routes =
            [
                new Route
                {
                    Number = 1,
                    Kind = "audio",
                    To = ["${remoteRoots.nas}/audio"],
                    Verify = VerifyLevel.Readback,
                    Release = ReleasePolicy.Delete,
                },
                new Route { Number = 2, Kind = "video", To = ["${remoteRoots.nas}/video"] },
            ],
        };
        var events = await RunAsync(() => _world.Job().Declare("a.m4a", "video").Write());
        Assert.Single(events.OfType<TransferEvent.Committed>());
        Assert.Empty(events.OfType<TransferEvent.Released>());

        Assert.Equal(1, (await _world.SyncAsync()).Committed);
        Assert.Equal(["audio/a.m4a", "video/a.m4a"], _world.NasFiles());
        Assert.True(File.Exists(_source));
    }

    [Fact]
    public async Task A_manifest_that_ends_too_early_is_read_again_by_the_next_run()
    {
        var whole = File.ReadAllText(_job.ManifestPath);
        File.WriteAllText(_job.ManifestPath, whole[..^5]);
        var events = await _world.RunAsync();
        var failed = Assert.Single(events.OfType<TransferEvent.Failed>());
        Assert.Equal((FailureClass.Transient, "ManifestIncomplete"), (failed.Failure.Class, failed.Failure.Code));
        Assert.Equal(ExitCode.WillRetry, Result(events).ExitCode);

        File.WriteAllText(_job.ManifestPath, whole);
        Assert.Equal(1, (await _world.SyncAsync()).Committed);
    }

    public void Dispose() => _world.Dispose();

    private static SyncResult Result(IReadOnlyList<TransferEvent> events) => ((TransferEvent.Finished)events[^1]).Result;

    private static Route To(ReleasePolicy release) =>
        new() { Number = 1, To = ["${remoteRoots.nas}/${jobId}"], Verify = VerifyLevel.Readback, Release = release };

    private static byte[] Content(int seed)
    {
        var content = new byte[Large];
        new Random(seed).NextBytes(content);
        return content;
    }

    // Runs with something happening once, when the first block of all is at the destination.
    private async Task<IReadOnlyList<TransferEvent>> RunAsync(Action onFirstBlock)
    {
        var first = 0;
        _world.Wrap = (_, place) => new Interrupted(place, DestinationCall.Write, () =>
        {
            if (Interlocked.Exchange(ref first, 1) == 0) onFirstBlock();
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
