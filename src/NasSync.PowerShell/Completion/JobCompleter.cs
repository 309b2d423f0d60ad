using NasSync.Config;
using NasSync.Watching;

namespace NasSync.PowerShell.Completion;

/// <summary>Completes the jobs in the configuration's outputs folder.</summary>
public class JobCompleter : ConfigCompleter
{
    // Reading this many manifests takes no noticeable time.
    private const int MostManifests = 200;

    private protected override IEnumerable<string> Names(SyncConfig config) =>
        config.OutputsDir is { } outputs ? JobNames.In(outputs, MostManifests) : [];
}
