namespace NasSync.Routing;

/// <summary>Decides whether a route matches an artifact, and explains why.</summary>
internal static class RouteMatch
{
    /// <summary>Compares kind and variant, ignoring case and surrounding white space.</summary>
    public static RouteVerdict Of(Route route, Artifact artifact)
    {
        var kindFits = route.Kind is null || Same(route.Kind, artifact.Kind);
        var variantFits = route.Variant is null || Same(route.Variant, artifact.Variant);
        if (kindFits && variantFits) return new(route, true, WhyItMatches(route, artifact));
        var reasons = new List<string>();
        if (!kindFits) reasons.Add($"kind is '{Shown(artifact.Kind)}', the route wants '{route.Kind!.Trim()}'");
        if (!variantFits) reasons.Add(WrongVariant(route, artifact));
        return new(route, false, string.Join("; ", reasons));
    }

    /// <summary>The artifact's kind and variant, for a reason.</summary>
    public static string Describe(Artifact artifact) =>
        string.IsNullOrWhiteSpace(artifact.Variant)
            ? $"kind '{Shown(artifact.Kind)}' without a variant"
            : $"kind '{Shown(artifact.Kind)}', variant '{Shown(artifact.Variant)}'";

    private static string WhyItMatches(Route route, Artifact artifact) => (route.Kind, route.Variant) switch
    {
        (null, null) => "the route takes everything",
        (not null, null) => $"kind '{Shown(artifact.Kind)}' matches",
        (null, not null) => $"variant '{Shown(artifact.Variant)}' matches",
        _ => $"kind '{Shown(artifact.Kind)}' and variant '{Shown(artifact.Variant)}' match",
    };

    private static string WrongVariant(Route route, Artifact artifact) =>
        string.IsNullOrWhiteSpace(artifact.Variant)
            ? $"the artifact has no variant, the route wants '{route.Variant!.Trim()}'"
            : $"variant is '{Shown(artifact.Variant)}', the route wants '{route.Variant!.Trim()}'";

    private static bool Same(string wanted, string? given) =>
        string.Equals(wanted.Trim(), (given ?? "").Trim(), StringComparison.OrdinalIgnoreCase);

    // Text from a producer must not send escape sequences to the terminal.
    private static string Shown(string? text) => string.Concat((text ?? "").Trim().Select(c => char.IsControl(c) ? $"\\u{(int)c:x4}" : c.ToString()));
}
