namespace NasSync.Config.Reading;

/// <summary>What the readers have gathered so far; <see cref="ConfigCheck"/> turns it into the configuration.</summary>
internal sealed class ConfigDraft(SyncConfig config)
{
    public SyncConfig Config { get; set; } = config;

    /// <summary>Where each setting was set last, by its name below <c>nasSync</c>.</summary>
    public Dictionary<string, Origin> Origins { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Remote roots as they are written; what they mean depends on the method, which is known last.</summary>
    public Dictionary<string, RootDraft> Roots { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Every destination that was named, also those that are wrong themselves, so that routes to them are not reported too.</summary>
    public HashSet<string> DestinationNames { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The routes that were given last; null leaves the default ones.</summary>
    public IReadOnlyList<RouteDraft>? Routes { get; set; }
}

/// <summary>A remote root as it is written; an empty one is known but not set.</summary>
internal sealed record RootDraft(string Text, Origin Origin, PathResolver Paths);

/// <summary>A route with the places of its templates, which can be judged only when all else is known.</summary>
internal sealed record RouteDraft(Route Route, IReadOnlyList<ScalarNode> To, ScalarNode? As, Place Place, string Setting, PathResolver Paths)
{
    /// <summary>The name of one of its settings; inside a variable all go by the variable's name and the route's number.</summary>
    public string SettingOf(string key) => $"{Setting}.{key}";
}
