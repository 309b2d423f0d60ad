using NasSync.Destinations;
using NasSync.Destinations.Pipeline;
using NasSync.Destinations.Places;
using NasSync.Ledgers;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

/// <summary>A run that takes manifests as they come and does not end by itself.</summary>
public sealed class EndlessRunTests : IDisposable
{
    private readonly SyncWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task Jobs_that_come_one_after_the_other_are_synced_in_one_run()
    {
        await using var run = new EndlessRun(_world);
        for (var i = 1; i <= 3; i++)
        {
            var job = await run.SyncAsync(_world.Job($"job_{i}").Add("a.m4a", "audio").Add("b.m4a", "audio").Write());
            Assert.Equal(($"job_{i}", 1, 2, ExitCode.Ok), (job.JobId, job.Result.Manifests, job.Result.Committed, job.Result.ExitCode));
            Assert.Equal(2, _world.Recorded($"job_{i}").Count);
        }

        var result = await run.EndAsync();
        Assert.Equal((3, 6, 0, false), (result.Manifests, result.Committed, result.Failed, result.Stopped));
        Assert.Equal(6, _world.NasFiles().Count);
    }

    [Fact]
    public async Task A_manifest_that_is_offered_again_is_planned_again_and_nothing_is_sent_twice()
    {
        var job = _world.Job().Add("a.m4a", "audio");
        await using var run = new EndlessRun(_world);
        await run.SyncAsync(job.Write());
        Assert.Equal((0, 1), Counts(await run.SyncAsync(job.ManifestPath)));
        Assert.Equal((1, 1), Counts(await run.SyncAsync(job.Add("b.m4a", "audio").Write())));
    }

    [Fact]
    public async Task A_job_that_stands_still_holds_no_other_job_back()
    {
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var run = new EndlessRun(_world, (_, place) => new SlowFor("slow/", place, open.Task));
        var slow = _world.Job("slow").Add("a.m4a", "audio").Write();
        run.Queue.Offer(slow);
        await run.SyncAsync(_world.Job("quick").Add("a.m4a", "audio").Write());
        Assert.DoesNotContain(run.Events, one => one is TransferEvent.JobFinished { JobId: "slow" });
        open.SetResult();
        await run.UntilAsync<TransferEvent.JobFinished>(one => one.JobId == "slow");
    }

    [Fact]
    public async Task Two_jobs_that_want_one_name_at_the_same_time_both_arrive()
    {
        _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}"] };
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var run = new EndlessRun(_world, (_, place) => new StandsStill(place, DestinationCall.Begin, open.Task));
        run.Queue.Offer(_world.Job("job_1").Add("a.m4a", "audio").Write());
        run.Queue.Offer(_world.Job("job_2").Add("a.m4a", "audio").Write());
        await run.UntilAsync<TransferEvent.Planned>(one => one.Manifest.JobId == "job_2");
        open.SetResult();
        await run.UntilAsync<TransferEvent.JobFinished>(one => one.JobId == "job_1");
        await run.UntilAsync<TransferEvent.JobFinished>(one => one.JobId == "job_2");
        Assert.Equal(["a (job_2).m4a", "a.m4a"], _world.NasFiles());
    }

    [Fact]
    public async Task What_failed_for_the_time_being_is_tried_again_by_itself()
    {
        _world.Config = _world.Config with { Retry = _world.Config.Retry with { MaxAttempts = 1, BaseDelay = TimeSpan.FromMilliseconds(1) } };
        var isFirst = true;
        await using var run = new EndlessRun(_world, (_, place) =>
        {
            var faulty = new FaultyDestination(place);
            if (isFirst) faulty.Fail(DestinationCall.Commit, FailureClass.Transient);
            isFirst = false;
            return faulty;
        });
        var manifest = _world.Job().Add("a.m4a", "audio").Write();
        var first = await run.SyncAsync(manifest);
        Assert.Equal(ExitCode.WillRetry, first.Result.ExitCode);

        // The second try may have ended by now, so it is looked for among all events.
        Assert.Equal((1, 0), Counts(await run.UntilAsync<TransferEvent.JobFinished>(one => !ReferenceEquals(one, first))));
    }

    [RequiresFact("mount")]
    public async Task What_is_under_way_when_the_work_folder_fills_waits_and_is_recorded_when_there_is_room()
    {
        using var small = Mounted.Tmpfs("8m");
        var (ballast, fills) = (Path.Combine(small.Path, "ballast"), true);
        _world.LeastFree = 0;
        _world.Config = _world.Config with { WorkDir = Path.Combine(small.Path, "work"), PollInterval = TimeSpan.FromMilliseconds(10) };
        await using var run = new EndlessRun(_world, (_, place) => new AfterCommit(place, () =>
        {
            if (fills) Fill(ballast);
            fills = false;
        }));
        run.Queue.Offer(_world.Job("job_1").Add("a.m4a", "audio").Write());
        await run.UntilAsync<TransferEvent.Warned>(one => one.Notice.Code == "LedgerNoSpace");
        Assert.DoesNotContain(run.Events, one => one is TransferEvent.Committed or TransferEvent.JobFinished);
        File.Delete(ballast);
        await run.UntilAsync<TransferEvent.JobFinished>(one => one.JobId == "job_1");
        Assert.Single(_world.Recorded("job_1"));

        await run.SyncAsync(_world.Job("job_2").Add("a.m4a", "audio").Write());
        var result = await run.EndAsync();
        Assert.Equal((2, 0, ExitCode.Ok), (result.Committed, result.Failed, result.ExitCode));
        Assert.Equal(["LedgerNoSpace", "Resumed"], run.Events.OfType<TransferEvent.Warned>().Select(warned => warned.Notice.Code));

        static void Fill(string file)
        {
            try
            {
                using var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
                while (true) stream.Write(new byte[4096]);
            }
            catch (IOException)
            {
                // Full.
            }
        }
    }

    [Fact]
    public async Task A_stranger_that_takes_the_name_in_the_middle_is_planned_around_without_anyones_help()
    {
        _world.Config = _world.Config with { Retry = _world.Config.Retry with { BaseDelay = TimeSpan.FromMilliseconds(1) } };
        var isFirst = true;
        await using var run = new EndlessRun(_world, (_, place) => new BeforeCommit(place, () =>
        {
            if (isFirst) File.WriteAllText(Path.Combine(_world.Nas, "job_1/a.m4a"), "someone else's");
            isFirst = false;
        }));
        run.Queue.Offer(_world.Job().Add("a.m4a", "audio").Write());
        await run.UntilAsync<TransferEvent.JobFinished>(one => one.Result.ExitCode == ExitCode.Ok);
        Assert.Equal("TargetChanged", Assert.Single(run.Events.OfType<TransferEvent.Failed>()).Failure.Code);
        Assert.DoesNotContain(run.Events, one => one is TransferEvent.Retrying);
        Assert.Equal("someone else's", File.ReadAllText(Path.Combine(_world.Nas, "job_1/a.m4a")));
        Assert.Equal(["job_1/a (job_1).m4a", "job_1/a.m4a"], _world.NasFiles());
        await run.EndAsync();
        using var ledger = NasSync.Ledgers.Ledger.OpenReadOnly(_world.Config.WorkDir);
        Assert.Empty(ledger.Failures());
    }

    [Fact]
    public async Task A_manifest_that_cannot_be_read_is_told_once_and_read_again_when_it_is_mended()
    {
        var job = _world.Job();
        File.WriteAllText(job.ManifestPath, "{");
        await using var run = new EndlessRun(_world);
        var failed = await run.SyncAsync(job.ManifestPath);
        Assert.Equal((null, 1), (failed.JobId, failed.Result.Failed));
        Assert.Equal((1, 0), Counts(await run.SyncAsync(job.Add("a.m4a", "audio").Write())));
    }

    [Fact]
    public async Task A_name_that_a_failed_copy_wanted_is_free_for_the_next_job()
    {
        _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}"] };
        await using var run =
            new EndlessRun(_world, (_, place) => new FaultyDestination(place).Fail(DestinationCall.Commit, FailureClass.Permission));
        Assert.Equal(1, (await run.SyncAsync(_world.Job("job_1").Add("a.m4a", "audio").Write())).Result.Failed);
        Assert.Equal((1, 0), Counts(await run.SyncAsync(_world.Job("job_2").Add("a.m4a", "audio").Write())));
        Assert.Contains("a.m4a", _world.NasFiles());
    }

    [Fact]
    public async Task A_failure_that_a_mended_manifest_overcomes_is_forgotten_by_the_run_that_met_it()
    {
        var job = _world.Job("job_2");
        await using var run = new EndlessRun(_world);
        await run.SyncAsync(_world.Job("job_1").Add("a.m4a", "audio").Write());
        File.WriteAllText(job.ManifestPath, "{");
        await run.SyncAsync(job.ManifestPath);
        Assert.Single(Failures());
        await run.SyncAsync(job.Add("a.m4a", "audio").Write());
        Assert.Empty(Failures());

        IReadOnlyList<RecordedFailure> Failures()
        {
            using var ledger = NasSync.Ledgers.Ledger.OpenReadOnly(_world.Config.WorkDir);
            return ledger.Failures();
        }
    }

    [Fact]
    public async Task A_manifest_that_is_gone_by_its_turn_is_nobodys_failure()
    {
        var job = _world.Job("gone").Add("a.m4a", "audio");
        job.Write();
        Directory.Delete(job.Folder, recursive: true);
        await using var run = new EndlessRun(_world);
        run.Queue.Offer(job.ManifestPath);
        await run.SyncAsync(_world.Job("there").Add("a.m4a", "audio").Write());
        Assert.Equal((1, 0), ((await run.EndAsync()) is var result ? (result.Manifests, result.Failed) : default));
    }

    [Fact]
    public async Task A_second_folder_with_the_id_of_a_job_of_before_is_refused_until_the_first_is_gone()
    {
        var first = _world.Job("job_1").Add("a.m4a", "audio");
        await using var run = new EndlessRun(_world);
        await run.SyncAsync(first.Write());
        var copy = Path.Combine(_world.Outputs, "copy");
        Directory.CreateDirectory(copy);
        foreach (var file in Directory.EnumerateFiles(first.Folder)) File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        var manifest = Path.Combine(copy, "manifest.json");
        await run.SyncAsync(manifest);
        Assert.Equal("DuplicateJobId", run.Events.OfType<TransferEvent.Failed>().Single().Failure.Code);

        Directory.Delete(first.Folder, recursive: true);
        Assert.Equal(0, (await run.SyncAsync(manifest)).Result.Failed);
    }

    [Fact]
    public async Task An_outputs_folder_that_goes_away_is_waited_for_and_nothing_is_called_gone()
    {
        _world.Config = _world.Config with { PollInterval = TimeSpan.FromMilliseconds(1) };
        await using var run = new EndlessRun(_world);
        await run.SyncAsync(_world.Job("job_1").Add("a.m4a", "audio").Write());
        var away = _world.Outputs + "-away";
        var manifest = _world.Job("job_2").Add("a.m4a", "audio").Write();
        Directory.Move(_world.Outputs, away);
        run.Queue.Offer(manifest);
        await run.UntilAsync<TransferEvent.Warned>(one => one.Notice.Code == OutputsPlace.UnavailableCode);
        Directory.Move(away, _world.Outputs);
        await run.UntilAsync<TransferEvent.JobFinished>(one => one.JobId == "job_2");
        Assert.Single(run.Events.OfType<TransferEvent.Warned>(), one => one.Notice.Code == "Resumed");
        await run.EndAsync();
        Assert.Empty(run.Events.OfType<TransferEvent.Failed>().Select(failed => failed.Failure.Message));
    }

    [Fact]
    public async Task A_backlog_outlives_the_absence_of_the_outputs_folder()
    {
        var time = new ManualTime();
        _world.Time = time;
        var (first, second) = (_world.Job("job_1").Add("a.m4a", "audio").Write(), _world.Job("job_2").Add("a.m4a", "audio").Write());
        var (away, turns) = (_world.Outputs + "-away", 0);
        EndlessRun? run = null;
        var made = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        // While the first is planned the second comes, so nothing is asked anew between the two.
        run = new EndlessRun(_world, (_, place) =>
        {
            made.Task.GetAwaiter().GetResult();
            run!.Queue.Offer(second);
            run.Queue.Turned = () =>
            {
                if (turns++ > 0) return;
                run.UntilAsync<TransferEvent.JobFinished>(one => one.JobId == "job_1").GetAwaiter().GetResult();
                Directory.Move(_world.Outputs, away);
            };
            return place;
        });
        made.SetResult();
        await using var ends = run;
        run.Queue.Offer(first);
        await run.UntilAsync<TransferEvent.Warned>(one => one.Notice.Code == OutputsPlace.UnavailableCode);
        Directory.Move(away, _world.Outputs);

        await time.RunUntilAsync(run.UntilAsync<TransferEvent.Planned>(one => one.Manifest.JobId == "job_2"));
        Assert.Equal((1, 0), Counts(await run.UntilAsync<TransferEvent.JobFinished>(one => one.JobId == "job_2")));
    }

    [Fact]
    public async Task After_a_rest_every_folder_is_let_go_of_and_the_next_job_arrives_all_the_same()
    {
        var time = new ManualTime();
        _world.Time = time;
        var places = new List<DisposalTold>();
        await using var run = new EndlessRun(_world, (_, place) =>
        {
            lock (places) places.Add(new DisposalTold(place));
            return places[^1];
        });
        await run.SyncAsync(_world.Job("job_1").Add("a.m4a", "audio").Write());
        await time.RunUntilAsync(places[0].Disposed);
        await run.SyncAsync(_world.Job("job_2").Add("a.m4a", "audio").Write());
        Assert.Equal(2, places.Count);
        Assert.True(File.Exists(Path.Combine(_world.Nas, PlaceMarker.Name)));
    }

    [Fact]
    public async Task A_ledger_counts_as_rebuilt_only_after_a_rest_at_which_no_job_waits_for_an_obstacle()
    {
        var time = new ManualTime();
        _world.Time = time;
        _world.Config = _world.Config with { PollInterval = TimeSpan.FromMinutes(1) };
        var first = _world.Job("job_1").Add("a.m4a", "audio").Write();
        var second = _world.Job("job_2").Add("a.m4a", "audio").Write();
        await _world.SyncAsync(new SyncRequest { Paths = [first] });
        File.Delete(Path.Combine(_world.Config.WorkDir, Ledger.FileName));

        var places = new List<DisposalTold>();
        await using var run = new EndlessRun(_world, (_, place) =>
        {
            lock (places) places.Add(new DisposalTold(place));
            return places[^1];
        });
        Assert.Equal(ExitCode.Ok, (await run.SyncAsync(first)).Result.ExitCode);
        var away = _world.Outputs + "-away";
        Directory.Move(_world.Outputs, away);
        run.Queue.Offer(second);
        await run.UntilAsync<TransferEvent.Warned>(one => one.Notice.Code == OutputsPlace.UnavailableCode);
        await time.RunUntilAsync(places[0].Disposed);
        Assert.True(IsRebuilding());

        Directory.Move(away, _world.Outputs);
        await time.RunUntilAsync(run.UntilAsync<TransferEvent.Planned>(one => one.Manifest.JobId == "job_2"));
        await run.UntilAsync<TransferEvent.JobFinished>(one => one.JobId == "job_2");
        Assert.True(IsRebuilding());
        await time.RunUntilAsync(places[1].Disposed);
        Assert.False(IsRebuilding());

        bool IsRebuilding()
        {
            using var ledger = Ledger.OpenReadOnly(_world.Config.WorkDir);
            return ledger.IsRebuilding;
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_a_place_was_accepted_it_makes_again_what_is_missing_there_and_takes_the_ledger_at_its_word_only_when_all_went_well(
        bool isAllWell)
    {
        var time = new ManualTime();
        _world.Time = time;
        var job = _world.Job("job_1").Add("a.m4a", "audio").Write();
        var bad = Path.Combine(Directory.CreateDirectory(Path.Combine(_world.Outputs, "bad")).FullName, "manifest.json");
        await _world.SyncAsync();
        Directory.Delete(_world.Nas, recursive: true);
        using (var ledger = Ledger.Open(_world.Config.WorkDir)) Assert.True(ledger.ForgetPlace(_world.Nas));

        var places = new List<DisposalTold>();
        await using (var run = new EndlessRun(_world, (_, place) =>
        {
            lock (places) places.Add(new DisposalTold(place));
            return places[^1];
        }))
        {
            Assert.Equal((1, 0), Counts(await run.SyncAsync(job)));
            Assert.Equal(["job_1/a.m4a"], _world.NasFiles());
            File.WriteAllText(bad, "[]");
            if (!isAllWell) Assert.Equal(1, (await run.SyncAsync(bad)).Result.Failed);
            await time.RunUntilAsync(places[0].Disposed);
            await run.EndAsync();
        }

        using var after = Ledger.Open(_world.Config.WorkDir);
        Assert.Equal(!isAllWell, after.LooksAgain);
    }

    [Fact]
    public async Task What_is_under_way_when_the_feed_ends_is_finished()
    {
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var run = new EndlessRun(_world, (_, place) => new StandsStill(place, DestinationCall.Commit, open.Task));
        run.Queue.Offer(_world.Job().Add("a.m4a", "audio").Write());
        await run.UntilAsync<TransferEvent.Started>();
        run.Queue.End();
        open.SetResult();
        Assert.Equal((1, false), (await run.EndAsync()) is var result ? (result.Committed, result.Stopped) : default);
    }

    private static (int Committed, int Unchanged) Counts(TransferEvent.JobFinished job) => (job.Result.Committed, job.Result.Unchanged);

    private sealed class SlowFor(string folder, IDestination inner, Task open) : DestinationDecorator(inner), IDestination
    {
        async ValueTask<IWriteSession> IDestination.BeginWriteAsync(WriteRequest request, CancellationToken cancellationToken)
        {
            if (request.Path.Value.StartsWith(folder, StringComparison.Ordinal)) await open;
            return await base.BeginWriteAsync(request, cancellationToken);
        }
    }

    private sealed class DisposalTold(IDestination inner) : DestinationDecorator(inner), IAsyncDisposable
    {
        private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Disposed => _disposed.Task;

        async ValueTask IAsyncDisposable.DisposeAsync()
        {
            await base.DisposeAsync();
            _disposed.TrySetResult();
        }
    }

    private sealed class BeforeCommit(IDestination inner, Action before) : DestinationDecorator(inner), IDestination
    {
        async ValueTask<IWriteSession> IDestination.BeginWriteAsync(WriteRequest request, CancellationToken cancellationToken)
        {
            var session = await base.BeginWriteAsync(request, cancellationToken);
            before();
            return session;
        }
    }

    private sealed class AfterCommit(IDestination inner, Action after) : DestinationDecorator(inner)
    {
        protected override async ValueTask<T> AroundCommit<T>(long size, Func<ValueTask<T>> call, CancellationToken cancellationToken)
        {
            var done = await call();
            after();
            return done;
        }
    }
}
