using System.Net;
using NasSync.Config;
using NasSync.Ledgers;
using NasSync.Metrics;

namespace NasSync.Service.Monitoring;

/// <summary>
/// What a watching process exposes to others: metrics over HTTP and OTLP, health, and messages to the service manager. The watcher feeds
/// <see cref="Metrics"/> with the events and sets <see cref="Health"/>.
/// </summary>
/// <param name="config">The configuration; it takes effect with <see cref="ApplyAsync"/>.</param>
/// <param name="shell">Environment and clock.</param>
internal sealed class Monitors(SyncConfig config, Shell shell) : IAsyncDisposable
{
    // A call to a server counts as hanging only after a quarter of an hour, and the loop may have nothing else to do meanwhile.
    private static readonly TimeSpan LongestTurn = TimeSpan.FromMinutes(20);
    private MonitoringServer? _server;
    private OtlpExport? _export;
    private (int Port, string Address, Uri? Endpoint) _applied;

    /// <summary>Counts the events.</summary>
    public SyncMetrics Metrics { get; } = new(config, shell.Time);

    /// <summary>Whether the process is alive and ready.</summary>
    public HealthState Health { get; } = new(shell.Time) { StuckAfter = LongestTurn };

    /// <summary>Notifies the service manager, where there is one.</summary>
    public ServiceNotifier Manager { get; } = new(shell.Environment, shell.Time);

    /// <summary>The port of metrics and health; null when there is none.</summary>
    public int? Port => _server?.Port;

    /// <summary>Starts the monitoring, or adapts it to a reloaded configuration.</summary>
    /// <exception cref="FailureException">The port is taken, or the address is not this machine's. The monitoring continues unchanged, unless
    /// somebody else has taken its port meanwhile.</exception>
    public async Task ApplyAsync(SyncConfig current, CancellationToken cancellationToken)
    {
        if ((current.MetricsPort, current.MetricsAddress) != (_applied.Port, _applied.Address))
        {
            // A server that moves to another address of the same port must stop first: all addresses and one of them exclude each other.
            if (_server is not null && current.MetricsPort == _applied.Port)
            {
                await MoveAsync(current, cancellationToken);
            }
            else
            {
                var server = current.MetricsPort == 0 ? null : await StartAsync(current.MetricsPort, current.MetricsAddress, cancellationToken);
                await StopAsync();
                _server = server;
            }
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

    /// <summary>Initializes the metrics from the ledger, if they are served or exported at all.</summary>
    public void Recall(Ledger ledger)
    {
        if (_server is not null || _export is not null) Metrics.Recall(ledger.Summary());
    }

    /// <summary>Exports the metrics now.</summary>
    /// <returns>False when there is no collector, or it did not accept them.</returns>
    public bool Flush() => _export?.Flush() ?? false;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _export?.Dispose();
        Manager.Dispose();
        Metrics.Dispose();
    }

    // If the new address cannot be used, listen at the former one again.
    private async Task MoveAsync(SyncConfig current, CancellationToken cancellationToken)
    {
        await StopAsync();
        try
        {
            _server = await StartAsync(current.MetricsPort, current.MetricsAddress, cancellationToken);
        }
        catch (FailureException)
        {
            var former = _applied;

            // With port 0, a later reload starts the server even if this restart fails.
            _applied.Port = 0;
            _server = await StartAsync(former.Port, former.Address, cancellationToken);
            _applied.Port = former.Port;
            throw;
        }
    }

    private Task<MonitoringServer> StartAsync(int port, string address, CancellationToken cancellationToken) =>
        MonitoringServer.StartAsync(
            new IPEndPoint(IPAddress.Parse(address), port),
            Health,
            Metrics.ToPrometheus,
            cancellationToken);

    private async Task StopAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _server = null;
    }
}
