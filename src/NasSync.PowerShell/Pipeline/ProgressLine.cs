namespace NasSync.PowerShell.Pipeline;

/// <summary>One state of the progress bar.</summary>
/// <param name="FileName">The file whose bytes move.</param>
/// <param name="Detail">How far the whole run is, for people.</param>
/// <param name="Percent">-1 (not known) to 100.</param>
/// <param name="SecondsRemaining">-1 when not known.</param>
internal sealed record ProgressLine(string FileName, string Detail, int Percent, int SecondsRemaining);
