namespace NasSync.Config.Reading;

/// <summary>
/// Reads the routes, written as <c>match: {kind, variant}</c> or flat with <c>kind</c> and <c>variant</c> beside <c>to</c>. <see cref="RouteCheck"/>
/// checks their templates later, when destinations and roots are known.
/// </summary>
internal static class RouteReader
{
    private const string Key = "routes";

    /// <summary>The routes of the file; null when it has none.</summary>
    public static IReadOnlyList<RouteDraft>? Read(MappingReader root)
    {
        if (root.Mappings(Key) is { } maps)
        {
            if (root.Any(Key) is ListNode { Items.Count: 0 })
                root.Error(Key, "The list of routes is empty; write a route, or remove the key to have the default ones.");
            return [.. maps.Select((map, i) => ReadOne(map, i + 1))];
        }

        if (root.Any(Key) is not null) return [];
        if (root.Entries.FirstOrDefault(entry => entry.Key == Key) is { } empty)
            root.ErrorAtKey(empty, "There are no routes below 'routes:'; write a route, or remove the key to have the default ones.");
        return null;
    }

    /// <summary>The routes of <c>NAS_SYNC_ROUTES</c>.</summary>
    public static IReadOnlyList<RouteDraft> Read(Node node, string variable, ProblemList problems, PathResolver paths)
    {
        if (node is not ListNode list)
        {
            problems.Error(node.Place, variable, $"A list of routes is needed here, not {node.Kind}.");
            return [];
        }

        if (list.Items.Count == 0)
            problems.Error(list.Place, variable, "The list of routes is empty; write a route, or unset the variable to have the default ones.");
        var drafts = new List<RouteDraft>();
        foreach (var item in list.Items)
        {
            var path = $"{variable}[{drafts.Count + 1}]";
            if (item is MapNode map) drafts.Add(ReadOne(new(map, path, problems, paths), drafts.Count + 1));
            else problems.Error(item.Place, path, $"A mapping is needed here, not {item.Kind}.");
        }

        return drafts;
    }

    private static RouteDraft ReadOne(MappingReader map, int number)
    {
        var flat = (Pattern(map, "kind"), Pattern(map, "variant"));
        var nested = Match(map);
        if (nested is not null && (map.Any("kind") ?? map.Any("variant")) is not null)
            map.Error("match", "The route has 'match' and also 'kind' or 'variant' beside it; write both into 'match'.");
        var (kind, variant) = nested ?? flat;

        map.Require("to", "write where the copies go, for example \"${remoteRoots.audio}/Instrumental\".");
        var to = map.Scalars("to") ?? [];
        if (map.Any("to") is ListNode { Items.Count: 0 }) map.Error("to", "The list is empty; write where the copies go.");
        var defaults = new Route { Number = number, To = [] };
        var name = map.Scalar("as");
        var route = new Route
        {
            Number = number,
            Kind = AllIfStar(kind),
            Variant = AllIfStar(variant),
            To = [.. to.Select(scalar => scalar.Value)],
            As = name?.Value,
            OnConflict = map.Choice<ConflictPolicy>("onConflict") ?? defaults.OnConflict,
            Verify = map.Choice<VerifyLevel>("verify") ?? defaults.Verify,
            Release = map.Choice<ReleasePolicy>("release") ?? defaults.Release,
        };
        map.Finish();
        return new(route, to, name, map.Place, map.Path, map.Paths);
    }

    private static (string? Kind, string? Variant)? Match(MappingReader map)
    {
        if (map.Mapping("match") is not { } match) return null;
        var pattern = (Pattern(match, "kind"), Pattern(match, "variant"));
        match.Finish();
        return pattern;
    }

    // An invalid pattern is kept, so that the route is not mistaken for one that matches everything.
    private static string? Pattern(MappingReader map, string key) => map.Object(key, Pattern) ?? map.Scalar(key)?.Value;

    private static string? AllIfStar(string? text) => text == "*" ? null : text;

    private static Parsed<string> Pattern(string text)
    {
        if (text != "*" && text.AsSpan().IndexOfAny('*', '?') >= 0)
            return Parsed<string>.Wrong($"'{text}' is compared as it stands, without wildcards; write one name, or '*' alone for every one.");
        return Texts.Text(text);
    }
}
