using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace NasSync.Metrics;

/// <summary>Adds up what instruments measure, from its beginning on, and writes it in Prometheus' text format 0.0.4.</summary>
internal sealed class PrometheusText : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly object _writing = new();

    /// <summary>Listens to one meter, and to that of the destinations.</summary>
    public PrometheusText(Meter meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!ReferenceEquals(instrument.Meter, meter) && instrument.Meter.Name != SyncMetrics.DestinationsMeterName) return;
            var family = MetricFamily.Of(instrument);
            // Several classes may share one instrument by its name.
            listener.EnableMeasurementEvents(instrument, _families.GetOrAdd(family.Name, family));
        };
        _listener.SetMeasurementEventCallback<long>((_, value, labels, family) => ((MetricFamily)family!).Take(value, labels));
        _listener.SetMeasurementEventCallback<int>((_, value, labels, family) => ((MetricFamily)family!).Take(value, labels));
        _listener.SetMeasurementEventCallback<double>((_, value, labels, family) => ((MetricFamily)family!).Take(value, labels));
        _listener.Start();
    }

    /// <summary>The text as it is now, sorted by name and labels.</summary>
    public string Write()
    {
        // One after the other: what is asked for now replaces what was asked for before.
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

    /// <summary>A number as the format has it.</summary>
    public static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    /// <summary>Labels as the format has them, without braces, in the order of their names.</summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var shown = new List<string>(labels.Length);
        foreach (var (name, value) in labels)
        {
            // Instruments elsewhere may tell more, such as a folder.
            if (SyncMetrics.Labels.Contains(name))
                shown.Add($"{name}=\"{Escape(value?.ToString() ?? "").Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
        }

        shown.Sort(StringComparer.Ordinal);
        return string.Join(',', shown);
    }

    /// <summary>A text that stays on its line.</summary>
    public static string Escape(string text) => text.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
}
