using NasSync.Config;

namespace NasSync.PowerShell.Completion;

/// <summary>Completes the names of settings.</summary>
public sealed class SettingCompleter : ConfigCompleter
{
    private protected override IEnumerable<string> Names(SyncConfig config) =>
        ConfigSettings.Of(config, new Dictionary<string, string>()).Select(setting => setting.Name);

    private protected override string Text(string name) => CompletionText.Argument(CompletionText.Pattern(name));
}
