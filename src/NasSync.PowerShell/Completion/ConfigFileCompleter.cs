using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace NasSync.PowerShell.Completion;

/// <summary>Completes the path of a configuration file: offers folders and YAML files, and reads no content.</summary>
public sealed class ConfigFileCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionCompleters.CompleteFilename(wordToComplete).Where(result =>
            result.ResultType == CompletionResultType.ProviderContainer || IsYaml(result.ToolTip));

    private static bool IsYaml(string path) =>
        path.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".yml", StringComparison.OrdinalIgnoreCase);
}
