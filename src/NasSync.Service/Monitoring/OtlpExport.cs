using System.Diagnostics.Metrics;
using NasSync.Metrics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace NasSync.Service.Monitoring;

/// <summary>
/// Sends metrics by OTLP. What else OpenTelemetry's variables say holds too: <c>OTEL_EXPORTER_OTLP_HEADERS</c>, <c>OTEL_METRIC_EXPORT_INTERVAL</c>,
/// <c>OTEL_RESOURCE_ATTRIBUTES</c>, <c>OTEL_SERVICE_NAME</c>.
/// </summary>
internal sealed class OtlpExport : IDisposable
{
    // A collector that is gone must not hold up the end of the process.
    private const int LastFlushMs = 2000;
    private readonly MeterProvider _provider;

    /// <summary>Begins to export.</summary>
    /// <param name="endpoint">The collector's address, without a signal's path.</param>
    /// <param name="protocol">What <c>OTEL_EXPORTER_OTLP_PROTOCOL</c> says: <c>grpc</c>, or else HTTP with protobuf.</param>
    public OtlpExport(Uri endpoint, string? protocol) => _provider = Sdk.CreateMeterProviderBuilder()
        .AddMeter(SyncMetrics.MeterName, SyncMetrics.DestinationsMeterName)
        .ConfigureResource(resource => resource.AddService("nassync", serviceVersion: NassyncVersion.Text).AddEnvironmentVariableDetector())
        .AddView(instrument => instrument.GetType().GetGenericTypeDefinition() == typeof(Histogram<>)
            ? new ExplicitBucketHistogramConfiguration { Boundaries = [.. SyncMetrics.SecondsBounds], TagKeys = [.. SyncMetrics.Labels] }
            : new MetricStreamConfiguration { TagKeys = [.. SyncMetrics.Labels] })
        .AddOtlpExporter(exporter =>
        {
            var isGrpc = string.Equals(protocol?.Trim(), "grpc", StringComparison.OrdinalIgnoreCase);
            exporter.Protocol = isGrpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
            // An address that is set here is taken as it is.
            exporter.Endpoint = isGrpc ? endpoint : new Uri($"{endpoint.ToString().TrimEnd('/')}/v1/metrics");
        })
        .Build();

    /// <summary>Sends what there is now.</summary>
    /// <returns>False when the collector did not take it.</returns>
    public bool Flush() => _provider.ForceFlush(LastFlushMs);

    /// <inheritdoc/>
    public void Dispose()
    {
        _provider.Shutdown(LastFlushMs);
        _provider.Dispose();
    }
}
