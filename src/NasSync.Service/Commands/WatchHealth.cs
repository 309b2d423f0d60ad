using NasSync.Config;
using NasSync.Service.Monitoring;
using NasSync.Unattended;

namespace NasSync.Service.Commands;

/// <summary>
/// Reports the state of a watch once a second: readiness to the health state, lost hints to the metrics, and the first readiness to the service
/// manager.
/// </summary>
internal sealed class WatchHealth : IDisposable
{
    private readonly SyncWatch _watch;
    private readonly Monitors _monitors;
    private readonly SyncConfig _config;
    private readonly ITimer _timer;
    private long _overflows;
    private bool _isTold;

    private WatchHealth(SyncWatch watch, Monitors monitors, SyncConfig config, TimeProvider time)
    {
        (_watch, _monitors, _config) = (watch, monitors, config);
        monitors.Metrics.QueueDepth = () => watch.Depth;
        _timer = time.CreateTimer(_ => Look(), null, TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    /// <summary>Starts to report.</summary>
    public static WatchHealth Follow(SyncWatch watch, Monitors monitors, SyncConfig config, TimeProvider time) => new(watch, monitors, config, time);

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        var (health, seen) = (_monitors.Health, _watch.State);
        Set(HealthPart.Ledger, _watch.Began.IsCompleted, "it is not open yet");
        Set(HealthPart.Outputs, seen.IsThere, $"{_config.OutputsDir} is missing or not mounted");
        Set(HealthPart.Watcher, seen.Scans > 0, "the outputs folder was not looked through yet");
        for (; _overflows < seen.Overflows; _overflows++) _monitors.Metrics.WatchOverflowed();
        if (_isTold || !_watch.Began.IsCompleted) return;
        _isTold = true;
        _monitors.Manager.Ready($"Watching {_config.OutputsDir}");

        void Set(HealthPart part, bool isReady, string reason)
        {
            if (isReady) health.Ready(part);
            else health.NotReady(part, reason);
        }
    }
}
