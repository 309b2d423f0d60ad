using System.Management.Automation;
using NasSync.Config;

namespace NasSync.PowerShell.Completion;

/// <summary>Completes the names of destinations, and folders once a path is begun.</summary>
public class DestinationCompleter : ConfigCompleter
{
    private protected override IEnumerable<string> Names(SyncConfig config) => config.Destinations.Values.Select(destination => destination.Name);

    private protected override IEnumerable<CompletionResult>? Elsewhere(string word) => SessionPath.IsPath(CompletionText.Typed(word))
        ? CompletionCompleters.CompleteFilename(word).Where(result => result.ResultType == CompletionResultType.ProviderContainer)
        : null;
}
