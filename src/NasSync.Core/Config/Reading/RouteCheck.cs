namespace NasSync.Config.Reading;

/// <summary>Checks the routes against the destinations and remote roots, and against each other.</summary>
internal static class RouteCheck
{
    /// <summary>The routes with full paths; the default routes when none were given.</summary>
    public static IReadOnlyList<Route> Finish(ConfigDraft draft, ProblemList problems)
    {
        if (draft.Routes is null)
        {
            CheckMethod(draft.Config.Routes.SelectMany(route => route.To), draft, problems);
            return draft.Config.Routes;
        }

        var routes = draft.Routes.Select(route => Finish(route, draft, problems)).ToList();
        CheckMethod(draft.Routes.SelectMany(route => route.Route.To), draft, problems);
        CheckOrder(draft.Routes, problems);
        return routes;
    }

    private static Route Finish(RouteDraft draft, ConfigDraft config, ProblemList problems)
    {
        var to = new List<string>();
        foreach (var scalar in draft.To)
        {
            var full = new TemplateCheck(draft, "to", scalar, config, problems).To();
            if (to.Contains(full)) problems.Error(scalar.Place, draft.SettingOf("to"), $"'{scalar.Value}' stands here twice; remove one.");
            else to.Add(full);
        }

        if (draft.As is not null) new TemplateCheck(draft, "as", draft.As, config, problems).As();
        return draft.Route with { To = to };
    }

    private static void CheckMethod(IEnumerable<string> targets, ConfigDraft draft, ProblemList problems)
    {
        var config = draft.Config;
        if (config.Method == TransferMethod.Local || config.DefaultDestination is not null) return;
        if (draft.DestinationNames.Contains(MethodDestination.NameFor(config.Method)!)) return;
        if (!targets.Any(target => TargetText.Split(target).Destination is null)) return;
        var (method, cure) = (Texts.NameOf(config.Method), MethodDestination.CureFor(config.Method));
        problems.Error(draft.Origins["method"], $"A route has a plain path, which with method {method} needs a server that is not described; {cure}");
    }

    private static void CheckOrder(IReadOnlyList<RouteDraft> drafts, ProblemList problems)
    {
        for (var i = 0; i < drafts.Count; i++)
        {
            var (draft, route) = (drafts[i], drafts[i].Route);
            if (drafts.Take(i).FirstOrDefault(earlier => Covers(earlier.Route, route)) is { } first)
                Warn(draft, $"Nothing reaches {route}, because {first.Route} comes first and takes the same; move it up or remove it.");
            else if (route is { Kind: null, Variant: null })
                Warn(draft, $"{Capital(route)} takes every artifact that comes to it; add kind or variant if that is not meant.");
        }

        void Warn(RouteDraft draft, string message) => problems.Warning(draft.Place, draft.Setting, message);
    }

    private static bool Covers(Route earlier, Route later) => Covers(earlier.Kind, later.Kind) && Covers(earlier.Variant, later.Variant);

    private static bool Covers(string? earlier, string? later) =>
        earlier is null || string.Equals(earlier.Trim(), later?.Trim(), StringComparison.OrdinalIgnoreCase);

    private static string Capital(Route route) => $"R{route.ToString()[1..]}";
}
