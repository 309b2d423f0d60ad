namespace NasSync.PowerShell.Completion;

/// <summary>Completes destinations where wildcards are taken: what would be one in a name is written so that it stands for itself.</summary>
public sealed class DestinationPatternCompleter : DestinationCompleter
{
    private protected override string Text(string name) => CompletionText.Argument(CompletionText.Pattern(name));
}
