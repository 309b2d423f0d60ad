using NasSync.Config;
using NasSync.Metrics;

namespace NasSync.Service.Monitoring;

/// <summary>
/// All that others see of a watching process: metrics by HTTP and OTLP, health, and what the service manager is told. Whoever watches feeds
/// <see cref="Metrics"/> with the events and sets <see cref="Health"/>.
/// </summary>
/// <param name="config">The configuration; <see cref="ApplyAsync"/> begins to heed it.</param>
/// <param name="shell">Environment and clock.</param>
internal sealed class Monitors(SyncConfig config, Shell shell) : IAsyncDisposable
{
    // A server may be waited for a quarter of an hour before it counts as hanging, and nothing else may happen meanwhile.
    private static readonly TimeSpan LongestTurn = TimeSpan.FromMinutes(20);
    private MonitoringServer? _server;
    private OtlpExport? _export;
    private (int Port, Uri? Endpoint) _applied;

    /// <summary>Counts what happens.</summary>
    public SyncMetrics Metrics { get; } = new(config, shell.Time);

    /// <summary>Whether the process is alive and ready.</summary>
    public HealthState Health { get; } = new(shell.Time) { StuckAfter = LongestTurn };

    /// <summary>The service manager, where there is one.</summary>
    public ServiceNotifier Manager { get; } = new(shell.Environment, shell.Time);

    /// <summary>The port of metrics and health; null when there is none.</summary>
    public int? Port => _server?.Port;

    /// <summary>Begins, or goes on by a configuration that was read again.</summary>
    /// <exception cref="FailureException">The port is taken; all goes on as it was.</exception>
    public async Task ApplyAsync(SyncConfig current, CancellationToken cancellationToken)
    {
        if (current.MetricsPort != _applied.Port)
        {
            var server = current.MetricsPort == 0 ? null : await MonitoringServer.StartAsync(current.MetricsPort, Health, Metrics.ToPrometheus, cancellationToken);
            if (_server is not null) await _server.DisposeAsync();
            _server = server;
        }

        if (current.OtlpEndpoint != _applied.Endpoint)
        {
            _export?.Dispose();
            _export = current.OtlpEndpoint is { } endpoint ? new OtlpExport(endpoint, shell.Environment.GetValueOrDefault("OTEL_EXPORTER_OTLP_PROTOCOL")) : null;
        }

        _applied = (current.MetricsPort, current.OtlpEndpoint);
        Metrics.Config = current;
        Manager.FeedWatchdog(() => Health.IsAlive);
    }

    /// <summary>Sends the metrics now.</summary>
    /// <returns>False when there is no collector, or it did not take them.</returns>
    public bool Flush() => _export?.Flush() ?? false;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _export?.Dispose();
        Manager.Dispose();
        Metrics.Dispose();
    }
}
