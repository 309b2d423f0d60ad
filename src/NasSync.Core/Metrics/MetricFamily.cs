using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace NasSync.Metrics;

/// <summary>One metric with all its series.</summary>
internal sealed class MetricFamily
{
    // Limits the memory if a bug gives a label an unbounded number of values.
    private const int MostSeries = 5000;

    private readonly SortedDictionary<string, Series> _series = new(StringComparer.Ordinal);
    private readonly string _help;
    private readonly string _type;
    private readonly bool _isAsked;

    private MetricFamily(string name, string help, string type, bool isAsked) => (Name, _help, _type, _isAsked) = (name, help, type, isAsked);

    /// <summary>The Prometheus name: with underscores, the unit, and <c>_total</c> for counters.</summary>
    public string Name { get; }

    /// <summary>Creates the metric of an instrument.</summary>
    public static MetricFamily Of(Instrument instrument)
    {
        var kind = instrument.GetType().GetGenericTypeDefinition();
        var type = kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>) ? "counter" : kind == typeof(Histogram<>) ? "histogram" : "gauge";
        var name = instrument.Name.Replace('.', '_');
        var unit = instrument.Unit switch
        {
            "By" => "_bytes",
            "s" => "_seconds",
            _ => "",
        };
        if (!name.EndsWith(unit, StringComparison.Ordinal)) name += unit;
        return new MetricFamily(type == "counter" ? name + "_total" : name, instrument.Description ?? "", type, instrument.IsObservable);
    }

    /// <summary>Drops the values of an observable instrument before it is observed again, so that vanished labels disappear.</summary>
    public void BeginAsking()
    {
        if (!_isAsked) return;
        lock (_series) _series.Clear();
    }

    /// <summary>Adds a measurement: an increment, or an observed value.</summary>
    public void Take(double value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var key = PrometheusText.Labels(labels);
        lock (_series)
        {
            if (!_series.TryGetValue(key, out var series))
            {
                if (_series.Count >= MostSeries) return;
                _series[key] = series = new Series(_type == "histogram" ? new long[SyncMetrics.SecondsBounds.Count + 1] : null);
            }

            series.Sum += value;
            if (series.Buckets is not { } buckets) return;
            var bucket = 0;
            while (bucket < SyncMetrics.SecondsBounds.Count && value > SyncMetrics.SecondsBounds[bucket]) bucket++;
            buckets[bucket]++;
        }
    }

    /// <summary>Writes the metric, unless nothing was measured yet.</summary>
    public void WriteTo(StringBuilder text)
    {
        lock (_series)
        {
            if (_series.Count == 0) return;
            text.Append(CultureInfo.InvariantCulture, $"# HELP {Name} {PrometheusText.Escape(_help)}\n# TYPE {Name} {_type}\n");
            foreach (var (labels, series) in _series)
            {
                if (series.Buckets is { } buckets) WriteHistogram(text, labels, series.Sum, buckets);
                else Line(text, Name, labels, series.Sum);
            }
        }
    }

    private void WriteHistogram(StringBuilder text, string labels, double sum, long[] buckets)
    {
        var comma = labels.Length > 0 ? "," : "";
        long count = 0;
        for (var i = 0; i < buckets.Length; i++)
        {
            count += buckets[i];
            var bound = i < SyncMetrics.SecondsBounds.Count ? SyncMetrics.SecondsBounds[i] : double.PositiveInfinity;
            Line(text, Name + "_bucket", $"{labels}{comma}le=\"{PrometheusText.Number(bound)}\"", count);
        }

        Line(text, Name + "_sum", labels, sum);
        Line(text, Name + "_count", labels, count);
    }

    private static void Line(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0) text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(PrometheusText.Number(value)).Append('\n');
    }

    private sealed class Series(long[]? buckets)
    {
        public double Sum { get; set; }

        public long[]? Buckets => buckets;
    }
}
