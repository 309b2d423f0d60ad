using NasSync.Templates;

namespace NasSync.Config.Reading;

/// <summary>
/// Reads a mapping key by key into typed values and collects mistakes. Keys that were not requested before <see cref="Finish"/> are unknown. A wrong
/// or missing value is null, so that reading continues and finds every mistake.
/// </summary>
internal sealed class MappingReader(MapNode node, string path, ProblemList problems, PathResolver paths)
{
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    public Place Place => node.Place;

    public string Path => path;

    public PathResolver Paths => paths;

    /// <summary>The requested keys; tests compare them with the existing settings.</summary>
    public IReadOnlyCollection<string> Asked => _asked;

    /// <summary>All entries, for mappings whose keys are chosen by the user.</summary>
    public IEnumerable<MapEntry> Entries => node.Entries;

    public string PathOf(string key) => $"{path}.{key}";

    public string? Text(string key) => Object(key, Texts.Text);

    public string? FullPath(string key) => Object(key, paths.Full);

    public Uri? HttpUrl(string key) => Object(key, Texts.HttpUrl);

    public SecretReference? Secret(string key) => Object(key, Texts.Secret(paths));

    public bool? Bool(string key) => Value(key, Texts.Bool);

    public int? Number(string key, int least, int most) => Value(key, Texts.Number(least, most));

    public long? Rate(string key) => Value(key, SizeText.Rate);

    public TimeSpan? Duration(string key, TimeSpan least, TimeSpan most) => Value(key, DurationText.Between(least, most));

    public T? Choice<T>(string key)
        where T : struct, Enum => Value(key, Texts.Choice<T>);

    /// <summary>Where a setting was set; null when it was not.</summary>
    public Origin? OriginOf(string key) => Get(key) is { } entry ? new(entry.Value.Place, PathOf(key)) : null;

    /// <summary>The node of a key; null when the key is missing or has no value.</summary>
    public Node? Any(string key) => Get(key)?.Value;

    public ScalarNode? Scalar(string key)
    {
        if (Get(key)?.Value is not { } value) return null;
        if (value is ScalarNode scalar) return scalar;
        problems.Error(value.Place, PathOf(key), $"A single value is needed here, not {value.Kind}.");
        return null;
    }

    /// <summary>A list of single values; a single value counts as a list of one.</summary>
    public IReadOnlyList<ScalarNode>? Scalars(string key)
    {
        if (Get(key)?.Value is not { } value) return null;
        switch (value)
        {
            case ScalarNode scalar:
                return [scalar];
            case ListNode list:
                foreach (var item in list.Items.Where(item => item is not ScalarNode { IsNull: false }))
                {
                    var kind = item is ScalarNode ? "empty" : item.Kind;
                    problems.Error(item.Place, PathOf(key), $"A list of single values is needed here, but this is {kind}.");
                }

                return [.. list.Items.OfType<ScalarNode>().Where(item => !item.IsNull)];
            default:
                problems.Error(value.Place, PathOf(key), $"A value or a list of values is needed here, not {value.Kind}.");
                return null;
        }
    }

    public MappingReader? Mapping(string key) => Get(key) is { } entry ? Mapping(entry.Value, PathOf(key)) : null;

    public MappingReader? Mapping(Node value, string valuePath)
    {
        if (value is MapNode map) return new(map, valuePath, problems, paths);
        problems.Error(value.Place, valuePath, $"A mapping is needed here, not {value.Kind}.");
        return null;
    }

    /// <summary>The mappings of a list, each with its number, from 1, in its path.</summary>
    public IReadOnlyList<MappingReader>? Mappings(string key)
    {
        if (Get(key)?.Value is not { } value) return null;
        if (value is ListNode list)
            return [.. list.Items.Select((item, i) => Mapping(item, $"{PathOf(key)}[{i + 1}]")).OfType<MappingReader>()];
        problems.Error(value.Place, PathOf(key), $"A list is needed here, not {value.Kind}.");
        return null;
    }

    public T? Value<T>(string key, Func<string, Parsed<T>> parse)
        where T : struct => Scalar(key) is { } scalar && TryParse(key, scalar, parse, out var value) ? value : null;

    public T? Object<T>(string key, Func<string, Parsed<T>> parse)
        where T : class => Scalar(key) is { } scalar && TryParse(key, scalar, parse, out var value) ? value : null;

    /// <summary>The parsed items of a list, without the invalid ones.</summary>
    public IReadOnlyList<T>? Objects<T>(string key, Func<string, Parsed<T>> parse)
        where T : class
    {
        if (Scalars(key) is not { } scalars) return null;
        var result = new List<T>();
        foreach (var scalar in scalars)
        {
            if (TryParse(key, scalar, parse, out var value)) result.Add(value);
        }

        return result;
    }

    /// <summary>Reports a key that is missing or has no value.</summary>
    public void Require(string key, string cure)
    {
        if (Get(key) is null) problems.Error(Place, PathOf(key), $"'{key}' is missing; {cure}");
    }

    public void Error(string key, string message)
    {
        var origin = OriginOf(key);
        problems.Error(origin?.Place ?? Place, PathOf(key), message);
    }

    public void ErrorAtKey(MapEntry entry, string message) => problems.Error(entry.KeyPlace, PathOf(entry.Key), message);

    /// <summary>Reports every key that was not requested.</summary>
    public void Finish()
    {
        foreach (var entry in node.Entries.Where(entry => !_asked.Contains(entry.Key)))
            problems.Error(entry.KeyPlace, PathOf(entry.Key), $"There is no setting '{entry.Key}'; {NearestName.Cure(entry.Key, _asked)}");
    }

    private MapEntry? Get(string key)
    {
        _asked.Add(key);
        var entry = node.Entries.FirstOrDefault(entry => entry.Key == key);
        return entry?.Value is ScalarNode { IsNull: true } ? null : entry;
    }

    private bool TryParse<T>(string key, ScalarNode scalar, Func<string, Parsed<T>> parse, out T value)
    {
        (value, var problem) = parse(scalar.Value);
        if (problem is not null) problems.Error(scalar.Place, PathOf(key), problem);
        return problem is null;
    }
}
