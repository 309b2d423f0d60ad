using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace NasSync.PowerShell;

/// <summary>
/// Completes the name of a destination from the configuration that the command would use, and folders once a path was begun. Only the
/// configuration is read; no destination is asked.
/// </summary>
public sealed class DestinationCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var word = (wordToComplete ?? "").Trim('\'', '"');
        if (SessionPath.IsPath(word))
            return CompletionCompleters.CompleteFilename(wordToComplete).Where(result => result.ResultType == CompletionResultType.ProviderContainer);
        return Names(fakeBoundParameters?["Config"] as string)
            .Where(name => name.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.OrdinalIgnoreCase)
            .Select(name => new CompletionResult(Quoted(name), name, CompletionResultType.ParameterValue, name));
    }

    private static IEnumerable<string> Names(string? file)
    {
        // A completer has no session of its own; this script runs in the one that asks.
        var session = ScriptBlock.Create("$ExecutionContext.SessionState.Path").InvokeReturnAsIs();
        try
        {
            if ((session as PSObject)?.BaseObject is not PathIntrinsics paths) return [];
            return SessionConfig.Read(paths, file, near: null).Result.Config?.Destinations.Values.Select(destination => destination.Name) ?? [];
        }
        catch (RuntimeException)
        {
            // -Config names a drive that is not there. The command will say so; completion stays silent.
            return [];
        }
    }

    private static string Quoted(string name) =>
        name.All(c => char.IsLetterOrDigit(c) || c is '_' or '-' or '.') ? name : $"'{name.Replace("'", "''", StringComparison.Ordinal)}'";
}
