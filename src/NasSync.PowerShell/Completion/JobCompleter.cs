using NasSync.Config;
using NasSync.Watching;

namespace NasSync.PowerShell.Completion;

/// <summary>Completes the jobs that stand in the configuration's outputs folder.</summary>
public class JobCompleter : ConfigCompleter
{
    // Reading so many manifests takes less time than somebody notices.
    private const int MostManifests = 200;

    private protected override IEnumerable<string> Names(SyncConfig config) =>
        config.OutputsDir is { } outputs ? JobNames.In(outputs, MostManifests) : [];
}
