using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using NasSync.Config;

namespace NasSync.PowerShell.Completion;

/// <summary>
/// Completes names from the configuration that the command would use: that of -Config, otherwise the one that is found. Reads only local files and
/// contacts no destination; offers nothing on an error, which the command itself will report.
/// </summary>
public abstract class ConfigCompleter : IArgumentCompleter
{
    private protected ConfigCompleter()
    {
    }

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Elsewhere(wordToComplete) ??
        CompletionText.Matching(Names(fakeBoundParameters?["Config"] as string), wordToComplete)
            .Select(name => new CompletionResult(Text(name), name, CompletionResultType.ParameterValue, name));

    /// <summary>The names in the configuration.</summary>
    private protected abstract IEnumerable<string> Names(SyncConfig config);

    /// <summary>The text of a name as an argument.</summary>
    private protected virtual string Text(string name) => CompletionText.Argument(name);

    /// <summary>The completions of a word that can be no name, such as a path; null for any word that may become a name.</summary>
    private protected virtual IEnumerable<CompletionResult>? Elsewhere(string word) => null;

    private IEnumerable<string> Names(string? file)
    {
        // A completer has no session of its own; this script runs in the session that asks.
        var session = ScriptBlock.Create("$ExecutionContext.SessionState.Path").InvokeReturnAsIs();
        try
        {
            if ((session as PSObject)?.BaseObject is not PathIntrinsics paths) return [];
            return SessionConfig.Read(paths, file, near: null).Result.Config is { } config ? Names(config) : [];
        }
        catch (RuntimeException)
        {
            // -Config names a missing drive.
            return [];
        }
    }
}
