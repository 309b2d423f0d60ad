using NasSync.Templates;

namespace NasSync.Config.Reading;

/// <summary>
/// Reads variables into typed values, notes which setting each one sets, and collects mistakes. An empty variable counts as unset, because container
/// tools pass empty ones.
/// </summary>
internal sealed class EnvironmentReader(
    IReadOnlyDictionary<string, string> variables, ConfigDraft draft, ProblemList problems, PathResolver paths)
{
    // Nothing else uses these prefixes, so a variable with one of them is certainly meant for NasSync.
    private static readonly string[] OwnPrefixes = ["NAS_SYNC_", "NAS_RSYNC_", "NAS_S3_", "NAS_SCP_", "NAS_REMOTE_"];

    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly List<string> _families = [];

    public PathResolver Paths => paths;

    /// <summary>The variables that were read; tests compare them with the documented table.</summary>
    public IReadOnlyCollection<string> Asked => _asked;

    public bool? Bool(string name, string setting) => Value(name, setting, Texts.Bool);

    public string? Words(string name, string setting) => Object(name, setting, Texts.Text);

    public string? FullPath(string name, string setting) => Object(name, setting, paths.Full);

    public T? Value<T>(string name, string setting, Func<string, Parsed<T>> parse)
        where T : struct => TryRead(name, setting, parse, out var value) ? value : null;

    public T? Object<T>(string name, string setting, Func<string, Parsed<T>> parse)
        where T : class => TryRead(name, setting, parse, out var value) ? value : null;

    /// <summary>Whether a variable is set and not empty, whatever its value.</summary>
    public bool Has(string name) => Raw(name) is not null;

    /// <summary>The value of a variable; null when it is unset, empty or has stray characters. The latter is reported as a problem.</summary>
    public string? Text(string name, bool isSecret = false)
    {
        if (Raw(name) is not { } text) return null;
        if (StrayText.OfVariable(name, text, isSecret) is not { } problem) return text;
        problems.Error(OriginOf(name), problem);
        return null;
    }

    /// <summary>The unchecked value of a variable; null when it is unset or empty.</summary>
    public string? Raw(string name)
    {
        _asked.Add(name);
        return variables.TryGetValue(name, out var text) && text.Length > 0 ? text : null;
    }

    /// <summary>The variables with a prefix, the rest of their names, and their values, which may be empty.</summary>
    public IEnumerable<(string Name, string Suffix, string Text)> Family(string prefix)
    {
        _families.Add(prefix);
        foreach (var (name, text) in variables.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (name.Length <= prefix.Length || !name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) continue;
            _asked.Add(name);
            yield return (name, name[prefix.Length..], text);
        }
    }

    public static Origin OriginOf(string name) => new(new(Place.Environment, 0, 0), name);

    /// <summary>Warns about every variable with one of our prefixes that nothing has read.</summary>
    public void Finish()
    {
        var unknown = variables.Keys
            .Where(name => OwnPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
            .Except(_asked, StringComparer.OrdinalIgnoreCase);
        foreach (var name in unknown.Order(StringComparer.Ordinal))
        {
            var meant = _families.Select(prefix => prefix + name[(name.LastIndexOf('_') + 1)..]);
            var cure = NearestName.Of(name, _asked.Concat(meant)) is { } nearest ? $"did you mean '{nearest}'?" : "unset it.";
            problems.Warning(OriginOf(name).Place, name, $"There is no variable '{name}'; {cure}");
        }
    }

    private bool TryRead<T>(string name, string setting, Func<string, Parsed<T>> parse, out T value)
    {
        value = default!;
        if (Text(name, isSecret: name == LedgerText.Variable) is not { } text) return false;
        (value, var problem) = parse(text);
        if (problem is not null) problems.Error(OriginOf(name), problem);
        else draft.Origins[setting] = OriginOf(name);
        return problem is null;
    }
}
