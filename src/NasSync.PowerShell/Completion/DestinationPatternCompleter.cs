namespace NasSync.PowerShell.Completion;

/// <summary>Completes destinations for parameters with wildcards: escapes wildcard characters in a name.</summary>
public sealed class DestinationPatternCompleter : DestinationCompleter
{
    private protected override string Text(string name) => CompletionText.Argument(CompletionText.Pattern(name));
}
