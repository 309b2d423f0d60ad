namespace NasSync.PowerShell.Pipeline;

/// <summary>One state of a progress bar.</summary>
/// <param name="FileName">The file being transferred.</param>
/// <param name="Detail">The progress, for people.</param>
/// <param name="Percent">0 to 100, or -1 when unknown.</param>
/// <param name="SecondsRemaining">Seconds left, or -1 when unknown.</param>
internal sealed record ProgressLine(string FileName, string Detail, int Percent, int SecondsRemaining)
{
    /// <summary>The bar's number: 0 is the bar of the whole command, the others are below it.</summary>
    public int Bar { get; init; }

    /// <summary>The heading of the bar; null: the activity of the command.</summary>
    public string? Heading { get; init; }

    /// <summary>Whether to remove the bar.</summary>
    public bool IsDone { get; init; }
}
