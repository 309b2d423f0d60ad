using System.Net;
using NasSync.Config;
using NasSync.Ledgers;
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
    private (int Port, string Address, Uri? Endpoint) _applied;

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
        if ((current.MetricsPort, current.MetricsAddress) != (_applied.Port, _applied.Address))
        {
            // One that takes its port at another address has to go first: all addresses and one of them exclude each other.
            if (_server is not null && current.MetricsPort == _applied.Port)
            {
                await StopAsync();
                _applied.Port = 0;
            }

            var server = current.MetricsPort == 0 ? null : await StartAsync(current, cancellationToken);
            await StopAsync();
            _server = server;
        }

        if (current.OtlpEndpoint != _applied.Endpoint)
        {
            _export?.Dispose();
            _export = current.OtlpEndpoint is { } endpoint
                ? new OtlpExport(endpoint, shell.Environment.GetValueOrDefault("OTEL_EXPORTER_OTLP_PROTOCOL"))
                : null;
        }

        _applied = (current.MetricsPort, current.MetricsAddress, current.OtlpEndpoint);
        Metrics.Config = current;
        Manager.FeedWatchdog(() => Health.IsAlive);
    }

    /// <summary>Learns from the ledger what was before this process, if anybody can see it.</summary>
    public void Recall(Ledger ledger)
    {
        if (_server is not null || _export is not null) Metrics.Recall(ledger.Summary());
    }

    /// <summary>Sends the metrics now.</summary>
    /// <returns>False when there is no collector, or it did not take them.</returns>
    public bool Flush() => _export?.Flush() ?? false;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _export?.Dispose();
        Manager.Dispose();
        Metrics.Dispose();
    }

    private Task<MonitoringServer> StartAsync(SyncConfig current, CancellationToken cancellationToken) =>
        MonitoringServer.StartAsync(
            new IPEndPoint(IPAddress.Parse(current.MetricsAddress), current.MetricsPort),
            Health,
            Metrics.ToPrometheus,
            cancellationToken);

    private async Task StopAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _server = null;
    }
}
