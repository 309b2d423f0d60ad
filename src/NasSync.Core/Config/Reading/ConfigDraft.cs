namespace NasSync.Config.Reading;

/// <summary>The state that the readers build up; <see cref="ConfigCheck"/> turns it into the configuration.</summary>
internal sealed class ConfigDraft(SyncConfig config)
{
    public SyncConfig Config { get; set; } = config;

    /// <summary>Where each setting was set last, by its name below <c>nasSync</c>.</summary>
    public Dictionary<string, Origin> Origins { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Remote roots as written; their meaning depends on the method, which is known last.</summary>
    public Dictionary<string, RootDraft> Roots { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>All named destinations, including invalid ones, so that routes to them are not reported as well.</summary>
    public HashSet<string> DestinationNames { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The routes of the last source that has any; null keeps the default routes.</summary>
    public IReadOnlyList<RouteDraft>? Routes { get; set; }
}

/// <summary>A remote root as written; an empty one is known but not set.</summary>
internal sealed record RootDraft(string Text, Origin Origin, PathResolver Paths);

/// <summary>A route with the positions of its templates, which are checked when everything else is known.</summary>
internal sealed record RouteDraft(Route Route, IReadOnlyList<ScalarNode> To, ScalarNode? As, Place Place, string Setting, PathResolver Paths)
{
    /// <summary>The full name of one of the route's settings.</summary>
    public string SettingOf(string key) => $"{Setting}.{key}";
}
