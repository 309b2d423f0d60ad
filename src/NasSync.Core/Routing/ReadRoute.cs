using NasSync.Config;

namespace NasSync.Routing;

/// <summary>A route with its parsed templates, or the problem that prevented parsing.</summary>
internal sealed class ReadRoute
{
    private readonly IReadOnlyList<TargetTemplate> _to = [];
    private readonly NameTemplate? _as;
    private readonly RouteProblemException? _problem;

    /// <summary>Parses the templates.</summary>
    public ReadRoute(Route route, SyncConfig config)
    {
        Route = route;
        try
        {
            _as = NameTemplate.Read(route.As);
            _to = [.. route.To.Select(text => TargetTemplate.Read(text, config))];
            if (_to.Count == 0) throw new RouteProblemException("`to` is empty", "Write where the artifacts go.");
        }
        catch (RouteProblemException problem)
        {
            _problem = problem;
        }
    }

    /// <summary>The route.</summary>
    public Route Route { get; }

    /// <summary>Whether any entry of <c>to</c> leads to a named destination.</summary>
    public bool LeadsToNamed => _to.Any(template => template.IsNamed);

    /// <summary>The targets of an artifact, without duplicates.</summary>
    /// <exception cref="RouteProblemException">The route yields no target.</exception>
    public IReadOnlyList<Target> TargetsOf(Manifest manifest, Artifact artifact)
    {
        if (_problem is not null) throw _problem;
        var values = new PlaceholderValues(manifest, artifact);
        var fileName = _as!.Expand(values, artifact);

        // An array, because PowerShell cannot index the list type that the compiler generates for a collection expression.
        Target[] targets = _to.Count == 1
            ? [_to[0].Expand(values, fileName)]
            : [.. _to.Select(template => template.Expand(values, fileName)).DistinctBy(target => target.Key, StringComparer.Ordinal)];
        return targets;
    }
}
