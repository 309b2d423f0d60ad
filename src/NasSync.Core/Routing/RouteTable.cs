using System.Collections.Concurrent;
using NasSync.Config;

namespace NasSync.Routing;

/// <summary>
/// Finds for each artifact the first route that matches its kind and variant, resolves its targets, and explains the verdict of every route. Pure:
/// uses only the configuration and the manifest.
/// </summary>
public sealed class RouteTable
{
    // Producers invent kinds and variants, so the cache is bounded.
    private const int MostChosen = 1000;

    private readonly IReadOnlyList<ReadRoute> _routes;
    private readonly bool _skipsUnrouted;
    private readonly ConcurrentDictionary<(string Kind, string? Variant), (ReadRoute? Winner, IReadOnlyList<RouteVerdict> Verdicts)> _chosen = new();

    /// <summary>Reads the routes of a configuration. An invalid route fails only the artifacts that it matches.</summary>
    public RouteTable(SyncConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        _routes = [.. config.Routes.Select(route => new ReadRoute(route, config))];
        _skipsUnrouted = config.SkipOnMissingRemote;
        LeadsToNamed = _routes.Any(route => route.LeadsToNamed);
    }

    /// <summary>Whether any route leads to a named destination; if not, all copies go to folders of this machine.</summary>
    internal bool LeadsToNamed { get; }

    /// <summary>One decision for each artifact, in the manifest's order.</summary>
    public IReadOnlyList<RouteDecision> Resolve(Manifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        var decisions = new RouteDecision[manifest.Artifacts.Count];
        for (var i = 0; i < decisions.Length; i++) decisions[i] = Resolve(manifest, manifest.Artifacts[i]);
        return decisions;
    }

    /// <summary>The decision for one artifact. Never throws for mistakes in a route or manifest: the decision reports them.</summary>
    public RouteDecision Resolve(Manifest manifest, Artifact artifact)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(artifact);
        var (winner, verdicts) = Choose(artifact);
        var decision = new RouteDecision { Manifest = manifest, Artifact = artifact, Route = winner?.Route, Verdicts = verdicts };
        return winner is null ? Unrouted(decision) : Lead(decision, winner);
    }

    // The verdicts depend only on kind and variant. A run has few different ones, so the result is cached.
    private (ReadRoute? Winner, IReadOnlyList<RouteVerdict> Verdicts) Choose(Artifact artifact)
    {
        var seen = (artifact.Kind, artifact.Variant);
        if (_chosen.TryGetValue(seen, out var known)) return known;
        var verdicts = new List<RouteVerdict>(_routes.Count);
        ReadRoute? winner = null;
        foreach (var route in _routes)
        {
            var verdict = winner is null
                ? RouteMatch.Of(route.Route, artifact)
                : new RouteVerdict(route.Route, false, $"not reached: route {winner.Route.Number} won");
            if (verdict.Matched) winner = route;
            verdicts.Add(verdict);
        }

        var choice = (winner, verdicts.AsReadOnly());
        if (_chosen.Count < MostChosen) _chosen.TryAdd(seen, choice);
        return choice;
    }

    private RouteDecision Unrouted(RouteDecision decision)
    {
        var reason = $"no route matches {RouteMatch.Describe(decision.Artifact)}";
        return _skipsUnrouted
            ? decision with { SkipReason = reason }
            : decision with { Failure = Fail(decision, "Unrouted", reason, "Add a route that takes it, or allow that such artifacts are skipped.") };
    }

    private RouteDecision Lead(RouteDecision decision, ReadRoute winner)
    {
        try
        {
            return decision with { Targets = winner.TargetsOf(decision.Manifest, decision.Artifact) };
        }
        catch (RouteProblemException problem) when (problem.IsUnsetRoot && _skipsUnrouted)
        {
            return decision with { SkipReason = problem.Message };
        }
        catch (RouteProblemException problem)
        {
            return decision with { Failure = Fail(decision, problem.Code, $"{winner.Route}: {problem.Message}", problem.Hint) };
        }
    }

    private static Failure Fail(RouteDecision decision, string code, string reason, string hint) =>
        new(FailureClass.Config, code, $"'{decision.Artifact.Path}' of job '{decision.JobId}' has no target: {reason}.", hint);
}
