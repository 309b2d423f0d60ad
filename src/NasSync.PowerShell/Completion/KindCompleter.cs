using NasSync.Config;

namespace NasSync.PowerShell.Completion;

/// <summary>Completes the kinds that routes name, as patterns.</summary>
public sealed class KindCompleter : ConfigCompleter
{
    private protected override IEnumerable<string> Names(SyncConfig config) => config.Routes.Select(route => route.Kind).OfType<string>();

    private protected override string Text(string name) => CompletionText.Argument(CompletionText.Pattern(name));
}
