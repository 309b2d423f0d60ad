using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using NasSync.Config;
using NasSync.Routing;

namespace NasSync.Metrics;

/// <summary>
/// Counts events on the meter <see cref="MeterName"/>, for any listener: <see cref="ToPrometheus"/> or an exporter. Every label has few values,
/// defined by the configuration and by enums: never a job, a file, a path or a secret. Safe to call from any thread.
/// </summary>
public sealed class SyncMetrics : IDisposable
{
    /// <summary>The name of this meter.</summary>
    public const string MeterName = "NasSync";

    /// <summary>The name of the meter of calls to destinations.</summary>
    public const string DestinationsMeterName = "NasSync.Destinations";

    private const string Destination = "destination", Route = "route", Result = "result", Class = "class";
    private const string None = "none";

    private readonly Meter _meter = new(MeterName);
    private readonly TimeProvider _time;
    private readonly Counter<long> _items;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _manifests;
    private readonly Counter<long> _jobs;
    private readonly Counter<long> _overflows;
    private readonly Histogram<double> _durations;
    private readonly PrometheusText _text;
    private readonly ConcurrentDictionary<string, double> _lastSuccess = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Job, string Artifact, string? Target), bool> _underWay = new();
    private volatile SyncConfig _config;

    /// <summary>Begins to count.</summary>
    /// <param name="config">Names destinations and routes.</param>
    /// <param name="time">The clock; null uses the system's.</param>
    public SyncMetrics(SyncConfig config, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        (_config, _time) = (config, time ?? TimeProvider.System);
        _items = _meter.CreateCounter<long>("nassync.items", "{item}", "Artifacts at their destinations that got an outcome.");
        _bytes = _meter.CreateCounter<long>("nassync.copied", "By", "Bytes of copies that were proven and recorded.");
        _failures = _meter.CreateCounter<long>(
            "nassync.failures",
            "{failure}",
            "Items, manifests and other things that failed, by class of failure.");
        _retries = _meter.CreateCounter<long>(
            "nassync.retries",
            "{retry}",
            "Items that failed for a reason that may pass and were tried again in the same run.");
        _manifests = _meter.CreateCounter<long>("nassync.manifests", "{manifest}", "Manifests that were read and planned.");
        _jobs = _meter.CreateCounter<long>("nassync.jobs", "{job}", "Jobs of a watched folder, all of whose items got their outcome.");
        _overflows = _meter.CreateCounter<long>(
            "nassync.watch.overflows",
            "{overflow}",
            "Times that file system events were lost, so that everything was looked at again.");
        _durations = _meter.CreateHistogram<double>("nassync.copy.duration", "s", "Time from the beginning of a copy to its receipt.");
        _meter.CreateObservableGauge(
            "nassync.last_success.timestamp",
            LastSuccesses,
            "s",
            "When a copy was last recorded or found to be there, in seconds since 1970.");
        _meter.CreateObservableGauge("nassync.items.under_way", () => _underWay.Count, "{item}", "Items whose bytes are moving now.");
        _meter.CreateObservableGauge("nassync.queue.depth", () => QueueDepth(), "{manifest}", "Manifests that wait for their turn.");
        _meter.CreateObservableGauge("nassync.build.info", BuildInfo, null, "1, with the version of NasSync and of .NET.");
        AddProcess();
        _text = new PrometheusText(_meter);

        // Starts the counter at 0: without a first value, Prometheus would not see the first event as an increase.
        _overflows.Add(0);
    }

    /// <summary>The configuration that names destinations and routes; it may be replaced at any time.</summary>
    public SyncConfig Config
    {
        get => _config;
        set => _config = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>Returns the number of waiting manifests. Default: always 0.</summary>
    public Func<int> QueueDepth { get; set; } = () => 0;

    /// <summary>The upper bounds of histograms of time, in seconds: from a small file on a local disk to an hour.</summary>
    public static IReadOnlyList<double> SecondsBounds { get; } = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300, 1800, 3600];

    /// <summary>The only labels that are exposed, including those of other meters.</summary>
    public static IReadOnlyList<string> Labels { get; } = [Destination, Route, Result, Class, "operation", "outcome", "what", "version", "framework"];

    /// <summary>Counts one event.</summary>
    public void Observe(TransferEvent transferEvent)
    {
        ArgumentNullException.ThrowIfNull(transferEvent);
        switch (transferEvent)
        {
            case TransferEvent.Planned:
                _manifests.Add(1);
                break;
            case TransferEvent.Started e:
                _underWay[KeyOf(e.Item)] = true;
                break;
            case TransferEvent.Retrying e:
                _underWay.TryRemove(KeyOf(e.Item), out _);
                _retries.Add(1, DestinationOf(e.Item), new(Class, Snake(e.Failure.Class)));
                break;
            case TransferEvent.Committed e:
                _bytes.Add(e.Receipt.Size, DestinationOf(e.Item), RouteOf(e.Item));
                _durations.Record(e.Elapsed.TotalSeconds, DestinationOf(e.Item));
                End(e.Item, "committed", isSuccess: true);
                break;
            case TransferEvent.Skipped e:
                End(e.Item, Snake(e.Kind), isSuccess: e.Kind == SkipKind.AlreadyPresent);
                break;
            case TransferEvent.Failed e:
                _failures.Add(1, DestinationOf(e.Item), new(Class, Snake(e.Failure.Class)));
                if (e.Item is not null) End(e.Item, "failed", isSuccess: false);
                break;
            case TransferEvent.JobFinished e:
                _jobs.Add(1, new KeyValuePair<string, object?>(Result, e.Result.Failed > 0 ? "failed" : "ok"));
                break;
            case TransferEvent.Finished:
                // A stopped item has no event of its own.
                _underWay.Clear();
                break;
        }
    }

    /// <summary>Initializes each destination's last success from the ledger.</summary>
    public void Recall(IEnumerable<DestinationSummary> known)
    {
        ArgumentNullException.ThrowIfNull(known);
        foreach (var place in known) Succeeded(PlaceLabel.Of(place.Destination, place.Root, _config), place.LastCommittedAt);
    }

    /// <summary>Counts a loss of file system events.</summary>
    public void WatchOverflowed() => _overflows.Add(1);

    /// <summary>All metrics in Prometheus' text format 0.0.4.</summary>
    public string ToPrometheus() => _text.Write();

    /// <inheritdoc/>
    public void Dispose()
    {
        _text.Dispose();
        _meter.Dispose();
    }

    private void End(PlanItem item, string result, bool isSuccess)
    {
        var destination = DestinationOf(item);
        _underWay.TryRemove(KeyOf(item), out _);
        _items.Add(1, destination, RouteOf(item), new(Result, result));
        if (isSuccess) Succeeded((string)destination.Value!, _time.GetUtcNow());
    }

    private void Succeeded(string destination, DateTimeOffset at)
    {
        var seconds = at.ToUnixTimeMilliseconds() / 1000.0;
        _lastSuccess.AddOrUpdate(destination, seconds, (_, before) => Math.Max(before, seconds));
    }

    private KeyValuePair<string, object?> DestinationOf(PlanItem? item) =>
        new(Destination, item?.Target is { } target ? PlaceLabel.Of(target, _config) : None);

    private KeyValuePair<string, object?> RouteOf(PlanItem item) =>
        new(Route, _config.Routes.FirstOrDefault(route => RouteMatch.Of(route, item.Artifact).Matched)?.Pattern ?? None);

    private IEnumerable<Measurement<double>> LastSuccesses() =>
        _lastSuccess.Select(last => new Measurement<double>(last.Value, new KeyValuePair<string, object?>(Destination, last.Key)));

    private static Measurement<int> BuildInfo() => new(
        1, new("version", typeof(SyncMetrics).Assembly.GetName().Version?.ToString(3)), new("framework", RuntimeInformation.FrameworkDescription));

    // The standard names of process metrics, which every Prometheus client library uses.
    private void AddProcess()
    {
        using var process = Process.GetCurrentProcess();
        var started = new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000.0;
        _meter.CreateObservableGauge("process.start_time", () => started, "s", "When the process was started, in seconds since 1970.");
        _meter.CreateObservableGauge("process.resident_memory", () => Environment.WorkingSet, "By", "Memory that the process holds.");
        _meter.CreateObservableCounter("process.cpu", CpuSeconds, "s", "Processor time that the process has used.");

        static double CpuSeconds()
        {
            using var now = Process.GetCurrentProcess();
            return now.TotalProcessorTime.TotalSeconds;
        }
    }

    private static (string Job, string Artifact, string? Target) KeyOf(PlanItem item) => (item.JobId, item.Artifact.Path, item.Target?.Key);

    private static string Snake<T>(T value)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
