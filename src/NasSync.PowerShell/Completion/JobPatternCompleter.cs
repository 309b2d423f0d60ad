namespace NasSync.PowerShell.Completion;

/// <summary>Completes jobs for parameters with wildcards: escapes wildcard characters in a name.</summary>
public sealed class JobPatternCompleter : JobCompleter
{
    private protected override string Text(string name) => CompletionText.Argument(CompletionText.Pattern(name));
}
