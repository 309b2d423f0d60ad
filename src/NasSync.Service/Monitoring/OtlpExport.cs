using System.Diagnostics.Metrics;
using NasSync.Metrics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace NasSync.Service.Monitoring;

/// <summary>
/// Exports metrics over OTLP. OpenTelemetry's other variables apply too: <c>OTEL_EXPORTER_OTLP_HEADERS</c>, <c>OTEL_METRIC_EXPORT_INTERVAL</c>,
/// <c>OTEL_RESOURCE_ATTRIBUTES</c>, <c>OTEL_SERVICE_NAME</c>.
/// </summary>
internal sealed class OtlpExport : IDisposable
{
    // A missing collector must not delay the end of the process.
    private const int LastFlushMs = 2000;
    private readonly MeterProvider _provider;

    /// <summary>Starts to export.</summary>
    /// <param name="endpoint">The collector's address, without the path of a signal.</param>
    /// <param name="protocol">The value of <c>OTEL_EXPORTER_OTLP_PROTOCOL</c>: <c>grpc</c>; anything else means HTTP with protobuf.</param>
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
            // The exporter adds no path to an address that is set in code.
            exporter.Endpoint = isGrpc ? endpoint : new Uri($"{endpoint.ToString().TrimEnd('/')}/v1/metrics");
        })
        .Build();

    /// <summary>Exports the current values.</summary>
    /// <returns>False when the collector did not accept them.</returns>
    public bool Flush() => _provider.ForceFlush(LastFlushMs);

    /// <inheritdoc/>
    public void Dispose()
    {
        _provider.Shutdown(LastFlushMs);
        _provider.Dispose();
    }
}
