using NasSync.Config;

namespace NasSync.PowerShell.Completion;

/// <summary>Completes routes by their patterns; routes with the same pattern by their numbers.</summary>
public sealed class RouteCompleter : ConfigCompleter
{
    private protected override IEnumerable<string> Names(SyncConfig config) =>
        config.Routes.Select(route => config.Routes.Count(other => other.Pattern == route.Pattern) > 1 ? $"{route.Number}" : route.Pattern);

    private protected override string Text(string name) => CompletionText.Argument(CompletionText.Pattern(name));
}
