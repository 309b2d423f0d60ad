namespace NasSync.PowerShell.Completion;

/// <summary>Completes jobs where wildcards are taken: what would be one in a name is written so that it stands for itself.</summary>
public sealed class JobPatternCompleter : JobCompleter
{
    private protected override string Text(string name) => CompletionText.Argument(CompletionText.Pattern(name));
}
