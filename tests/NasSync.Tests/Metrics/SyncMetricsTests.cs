using System.Diagnostics;
using System.Globalization;
using NasSync.Config;
using NasSync.Destinations.Pipeline;
using NasSync.Metrics;
using NasSync.Tests.Support;

namespace NasSync.Tests.Metrics;

public sealed class SyncMetricsTests : IDisposable
{
    private static readonly SyncConfig Config = new()
    {
        WorkDir = "/work",
        RemoteRoots = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["audio"] = "/mnt/nas/Instrumental/" },
        Routes = [
            new Route { Number = 1, Kind = "audio", Variant = "instrumental", To = ["${remoteRoots.audio}"] },
            new Route { Number = 2, To = ["/mnt/rest"] },
        ],
    };

    private readonly ManualTime _time = new();
    private readonly SyncMetrics _metrics;

    public SyncMetricsTests() => _metrics = new SyncMetrics(Config, _time);

    public void Dispose() => _metrics.Dispose();

    [Fact]
    public void A_copy_counts_at_its_destination_and_route_with_its_bytes_and_its_time()
    {
        _metrics.Observe(SampleEvents.Committed());
        _metrics.Observe(SampleEvents.Committed(jobId: "job_2"));
        Assert.Equal("2", Value("""nassync_items_total{destination="remoteRoots.audio",result="committed",route="audio/instrumental"}"""));
        Assert.Equal("3072", Value("""nassync_copied_bytes_total{destination="remoteRoots.audio",route="audio/instrumental"}"""));
        Assert.Equal("0", Value("""nassync_copy_duration_seconds_bucket{destination="remoteRoots.audio",le="0.01"}"""));
        Assert.Equal("2", Value("""nassync_copy_duration_seconds_bucket{destination="remoteRoots.audio",le="0.05"}"""));
        Assert.Equal("2", Value("""nassync_copy_duration_seconds_bucket{destination="remoteRoots.audio",le="+Inf"}"""));
        Assert.Equal("2", Value("""nassync_copy_duration_seconds_count{destination="remoteRoots.audio"}"""));
        Assert.Equal("0.024", Value("""nassync_copy_duration_seconds_sum{destination="remoteRoots.audio"}"""));
    }

    [Fact]
    public void Every_other_outcome_counts_by_its_kind_and_every_failure_by_its_class()
    {
        foreach (var kind in Enum.GetValues<SkipKind>()) _metrics.Observe(SampleEvents.Skipped(kind));
        _metrics.Observe(SampleEvents.Failed());
        _metrics.Observe(new TransferEvent.Failed("/outputs/job_9/manifest.json", SampleEvents.Failure(FailureClass.NoSpace)));
        _metrics.Observe(new TransferEvent.Retrying(SampleEvents.Item(), SampleEvents.Failure(FailureClass.Transient), TimeSpan.FromSeconds(1)));
        foreach (var (destination, result) in new[]
        {
            ("remoteRoots.audio", "unchanged"), ("remoteRoots.audio", "already_present"), ("none", "unrouted"), ("none", "conflict"),
            ("none", "superseded"), ("none", "stale"), ("remoteRoots.audio", "failed"),
        })
            Assert.Equal("1", Value($$"""nassync_items_total{destination="{{destination}}",result="{{result}}",route="audio/instrumental"}"""));
        Assert.Equal("1", Value("""nassync_failures_total{class="escape",destination="remoteRoots.audio"}"""));
        Assert.Equal("1", Value("""nassync_failures_total{class="no_space",destination="none"}"""));
        Assert.Equal("1", Value("""nassync_retries_total{class="transient",destination="remoteRoots.audio"}"""));
    }

    [Fact]
    public void The_time_of_the_last_success_before_the_start_is_the_ledgers()
    {
        DestinationSummary Known(string root, int minute) => new("local", root, 1, 1, 1, SampleEvents.Noon.AddMinutes(minute));
        const string name = """nassync_last_success_timestamp_seconds{destination="remoteRoots.audio"}""";
        _metrics.Recall([Known("/mnt/nas/Instrumental", -2), Known("/mnt/nas/Instrumental/", -1), Known("/elsewhere", -3)]);
        Assert.Equal(Seconds(-1), Value(name));
        Assert.Equal(Seconds(-3), Value("""nassync_last_success_timestamp_seconds{destination="local"}"""));
        _metrics.Observe(SampleEvents.Committed());
        _metrics.Recall([Known("/mnt/nas/Instrumental", -1)]); // after the configuration was read anew
        Assert.Equal(Seconds(0), Value(name));

        static string Seconds(int minute) => SampleEvents.Noon.AddMinutes(minute).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
    }

    [Fact]
    public void The_time_of_the_last_success_is_told_by_copies_and_by_what_was_found_to_be_there_and_by_nothing_else()
    {
        const string name = """nassync_last_success_timestamp_seconds{destination="remoteRoots.audio"}""";
        _metrics.Observe(SampleEvents.Failed());
        _metrics.Observe(SampleEvents.Skipped(SkipKind.Unchanged));
        Assert.Null(Value(name));
        _metrics.Observe(SampleEvents.Committed());
        var first = SampleEvents.Noon.ToUnixTimeSeconds();
        Assert.Equal(first.ToString(CultureInfo.InvariantCulture), Value(name));
        _time.Advance(TimeSpan.FromSeconds(90));
        _metrics.Observe(SampleEvents.Failed());
        Assert.Equal(first.ToString(CultureInfo.InvariantCulture), Value(name));
        _metrics.Observe(SampleEvents.Skipped(SkipKind.AlreadyPresent));
        Assert.Equal((first + 90).ToString(CultureInfo.InvariantCulture), Value(name));
    }

    [Fact]
    public void What_is_under_way_is_what_was_started_and_has_no_outcome()
    {
        var items = Enumerable.Range(0, 5).Select(number => SampleEvents.Item(jobId: $"job_{number}")).ToList();
        foreach (var item in items) _metrics.Observe(new TransferEvent.Started(item));
        Assert.Equal("5", Value("nassync_items_under_way"));
        _metrics.Observe(new TransferEvent.Committed(items[0], SampleEvents.Receipt(), TimeSpan.Zero));
        _metrics.Observe(new TransferEvent.Failed("job_1", SampleEvents.Failure(), items[1]));
        _metrics.Observe(new TransferEvent.Retrying(items[2], SampleEvents.Failure(), TimeSpan.Zero));
        _metrics.Observe(new TransferEvent.Skipped(items[3] with { Reason = "another one" }, SkipKind.Superseded));
        Assert.Equal("1", Value("nassync_items_under_way"));
        _metrics.Observe(SampleEvents.Finished(new SyncResult { Stopped = true }));
        Assert.Equal("0", Value("nassync_items_under_way"));
    }

    [Fact]
    public void Queue_jobs_overflows_and_the_process_itself_are_told()
    {
        Assert.Equal(("0", "0"), (Value("nassync_queue_depth"), Value("nassync_watch_overflows_total")));
        _metrics.QueueDepth = () => 17;
        _metrics.WatchOverflowed();
        _metrics.Observe(SampleEvents.Planned(SampleEvents.Item()));
        _metrics.Observe(new TransferEvent.JobFinished("/outputs/job_1/manifest.json", "job_1", new SyncResult { Committed = 1 }));
        _metrics.Observe(new TransferEvent.JobFinished("/outputs/job_2/manifest.json", "job_2", new SyncResult { Failed = 1 }));
        Assert.Equal(("17", "1", "1"), (Value("nassync_queue_depth"), Value("nassync_watch_overflows_total"), Value("nassync_manifests_total")));
        Assert.Equal(("1", "1"), (Value("""nassync_jobs_total{result="ok"}"""), Value("""nassync_jobs_total{result="failed"}""")));
        Assert.Contains(
            $"nassync_build_info{{framework=\"{System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription}\",version=\"",
            _metrics.ToPrometheus());
        using var process = Process.GetCurrentProcess();
        Assert.Equal(
            new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000.0,
            double.Parse(Value("process_start_time_seconds")!, CultureInfo.InvariantCulture),
            0.1);
        Assert.True(double.Parse(Value("process_resident_memory_bytes")!, CultureInfo.InvariantCulture) > 1 << 20);
        Assert.True(double.Parse(Value("process_cpu_seconds_total")!, CultureInfo.InvariantCulture) > 0);
    }

    [Fact]
    public void However_many_jobs_and_files_there_are_there_are_no_more_labels()
    {
        Count(0);
        var lines = Lines().Count;
        for (var number = 1; number < 500; number++) Count(number);
        Assert.Equal(lines, Lines().Count);
        Assert.All(Lines(), line => Assert.DoesNotMatch("job_[0-9]|m4a|/mnt|/outputs", line));

        // Without the destinations', which the tests beside this one use too.
        List<string> Lines() =>
            [.. _metrics.ToPrometheus().Split('\n').Where(line => !line.Contains("nassync_destination_", StringComparison.Ordinal))];

        void Count(int number)
        {
            foreach (var one in new TransferEvent[]
            {
                SampleEvents.Committed($"job_{number}", $"{number}.m4a"), SampleEvents.Failed($"{number}.m4a"),
                SampleEvents.Skipped(SkipKind.Unrouted, $"{number}.m4a"),
            })
                _metrics.Observe(one);
        }
    }

    [Fact]
    public void A_label_cannot_break_its_line()
    {
        _metrics.Config = Config with { Routes = [new Route { Number = 1, Kind = "audio", Variant = "instrumental\"\\\n", To = ["/mnt/rest"] }] };
        var item = SampleEvents.Item() with { Artifact = SampleEvents.Artifact(variant: "instrumental\"\\") };
        _metrics.Observe(new TransferEvent.Committed(item, SampleEvents.Receipt(), TimeSpan.Zero));
        Assert.Equal("1", Value("""nassync_items_total{destination="remoteRoots.audio",result="committed",route="audio/instrumental\"\\\n"}"""));
    }

    [Fact]
    public async Task A_place_that_is_left_alone_shows_until_it_is_back_or_gone()
    {
        using var world = new SyncWorld();
        // A name that no test beside this one has: the meter of the destinations is the process's.
        world.Config = world.Config with
        {
            Retry = new RetryConfig { MaxAttempts = 1 },
            Transfers = 1,
            RemoteRoots = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["failing"] = world.Nas },
            Routes = [new Route { Number = 1, To = ["${remoteRoots.failing}"] }],
        };
        _metrics.Config = world.Config;
        var seen = new List<string?>();
        var job = world.Job();
        for (var number = 0; number < 8; number++) job.Add($"{number}.m4a", "audio");
        job.Write();
        world.Wrap = (_, place) => new FaultyDestination(place).Fail(DestinationCall.Begin, FailureClass.Transient, times: 100);
        await foreach (var one in world.Engine().RunAsync(new()))
        {
            _metrics.Observe(one);
            if (one is TransferEvent.Failed) seen.Add(Value("""nassync_destination_breaker_open{destination="remoteRoots.failing"}"""));
        }

        Assert.Equal("1", seen[^1]);
        Assert.Equal("0", Value("""nassync_destination_breaker_open{destination="remoteRoots.failing"}"""));
        Assert.Equal("8", Value("""nassync_items_total{destination="remoteRoots.failing",result="failed",route="*"}"""));
    }

    [RequiresFact("promtool")]
    public async Task The_text_passes_the_check_of_Prometheus_itself()
    {
        foreach (var kind in Enum.GetValues<SkipKind>()) _metrics.Observe(SampleEvents.Skipped(kind));
        foreach (var one in new TransferEvent[]
        {
            SampleEvents.Planned(), SampleEvents.Committed(), SampleEvents.Failed(), new TransferEvent.Started(SampleEvents.Item()),
        }) _metrics.Observe(one);
        _metrics.Observe(new TransferEvent.Retrying(SampleEvents.Item(), SampleEvents.Failure(), TimeSpan.Zero));
        _metrics.Observe(new TransferEvent.JobFinished("/m", null, new SyncResult()));
        using (var world = new SyncWorld())
        {
            world.Job().Add("a.m4a", "audio").Write();
            _metrics.Config = world.Config;
            foreach (var one in await world.RunAsync()) _metrics.Observe(one);
        }

        var text = _metrics.ToPrometheus();
        foreach (var name in new[]
        {
            "items_total", "copied_bytes_total", "copy_duration_seconds", "failures_total", "retries_total", "manifests_total", "jobs_total",
            "last_success_timestamp_seconds", "items_under_way", "queue_depth", "watch_overflows_total", "build_info", "destination_breaker_open",
            "destination_duration_seconds",
        })
            Assert.Contains($"# TYPE nassync_{name} ", text);
        var (code, said) = await PromtoolAsync(text);
        Assert.Equal((0, ""), (code, said));

        // It would find what is wrong.
        (code, said) = await PromtoolAsync(text + "# TYPE nassync_wrong counter\nnassync_wrong 1\n");
        Assert.NotEqual(0, code);
        Assert.Contains("nassync_wrong", said);
    }

    private string? Value(string series) =>
        _metrics.ToPrometheus().Split('\n').SingleOrDefault(line => line.StartsWith(series + " ", StringComparison.Ordinal))?[(series.Length + 1)..];

    private static async Task<(int Code, string Said)> PromtoolAsync(string text)
    {
        using var promtool = Process.Start(new ProcessStartInfo("promtool", ["check", "metrics"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await promtool.StandardInput.WriteAsync(text);
        promtool.StandardInput.Close();
        var output = promtool.StandardOutput.ReadToEndAsync();
        var said = await promtool.StandardError.ReadToEndAsync() + await output;
        await promtool.WaitForExitAsync();
        return (promtool.ExitCode, said);
    }
}
