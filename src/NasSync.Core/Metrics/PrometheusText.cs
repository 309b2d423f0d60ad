using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace NasSync.Metrics;

/// <summary>Aggregates measurements from its creation on, and writes them in Prometheus' text format 0.0.4.</summary>
internal sealed class PrometheusText : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly object _writing = new();

    /// <summary>Listens to a meter, and to the meter of the destinations.</summary>
    public PrometheusText(Meter meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!ReferenceEquals(instrument.Meter, meter) && instrument.Meter.Name != SyncMetrics.DestinationsMeterName) return;
            var family = MetricFamily.Of(instrument);
            // Several classes may create the same instrument, by name.
            listener.EnableMeasurementEvents(instrument, _families.GetOrAdd(family.Name, family));
        };
        _listener.SetMeasurementEventCallback<long>((_, value, labels, family) => ((MetricFamily)family!).Take(value, labels));
        _listener.SetMeasurementEventCallback<int>((_, value, labels, family) => ((MetricFamily)family!).Take(value, labels));
        _listener.SetMeasurementEventCallback<double>((_, value, labels, family) => ((MetricFamily)family!).Take(value, labels));
        _listener.Start();
    }

    /// <summary>The current values as text, sorted by name and labels.</summary>
    public string Write()
    {
        // One writer at a time, because each observation replaces the previous one.
        lock (_writing)
        {
            var families = _families.Values.OrderBy(family => family.Name, StringComparer.Ordinal).ToList();
            foreach (var family in families) family.BeginAsking();
            _listener.RecordObservableInstruments();
            var text = new StringBuilder();
            foreach (var family in families) family.WriteTo(text);
            return text.ToString();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    /// <summary>A number in the text format.</summary>
    public static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    /// <summary>Labels in the text format, without braces, sorted by name.</summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var shown = new List<string>(labels.Length);
        foreach (var (name, value) in labels)
        {
            // Instruments elsewhere may have more labels, such as a folder.
            if (SyncMetrics.Labels.Contains(name))
                shown.Add($"{name}=\"{Escape(value?.ToString() ?? "").Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
        }

        shown.Sort(StringComparer.Ordinal);
        return string.Join(',', shown);
    }

    /// <summary>Escapes backslashes and line breaks.</summary>
    public static string Escape(string text) => text.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
}
