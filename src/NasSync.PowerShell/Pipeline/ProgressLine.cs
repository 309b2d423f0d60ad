namespace NasSync.PowerShell.Pipeline;

/// <summary>One state of a progress bar.</summary>
/// <param name="FileName">The file whose bytes move.</param>
/// <param name="Detail">How far it is, for people.</param>
/// <param name="Percent">-1 (not known) to 100.</param>
/// <param name="SecondsRemaining">-1 when not known.</param>
internal sealed record ProgressLine(string FileName, string Detail, int Percent, int SecondsRemaining)
{
    /// <summary>Which bar: 0 is that of the whole command, the others stand below it.</summary>
    public int Bar { get; init; }

    /// <summary>What the bar is headed with; null: with what the command does.</summary>
    public string? Heading { get; init; }

    /// <summary>The bar goes away.</summary>
    public bool IsDone { get; init; }
}
