using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using NasSync.Config;

namespace NasSync.PowerShell.Completion;

/// <summary>
/// Completes names that stand in the configuration which the command would use: that of -Config, else the one that is found. Only files of
/// this machine are read; no destination is asked, and where something is wrong nothing is offered: the command will say so.
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

    /// <summary>The names that the configuration has.</summary>
    private protected abstract IEnumerable<string> Names(SyncConfig config);

    /// <summary>How a name is written as an argument.</summary>
    private protected virtual string Text(string name) => CompletionText.Argument(name);

    /// <summary>What is offered for a word that can be no name, such as a path; null for all that may become a name.</summary>
    private protected virtual IEnumerable<CompletionResult>? Elsewhere(string word) => null;

    private IEnumerable<string> Names(string? file)
    {
        // A completer has no session of its own; this script runs in the one that asks.
        var session = ScriptBlock.Create("$ExecutionContext.SessionState.Path").InvokeReturnAsIs();
        try
        {
            if ((session as PSObject)?.BaseObject is not PathIntrinsics paths) return [];
            return SessionConfig.Read(paths, file, near: null).Result.Config is { } config ? Names(config) : [];
        }
        catch (RuntimeException)
        {
            // -Config names a drive that is not there.
            return [];
        }
    }
}
