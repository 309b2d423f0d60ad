namespace NasSync.Config;

/// <summary>Which configuration file was found.</summary>
/// <param name="Path">The file, as it was named or as a full path; null when there is none and the environment alone counts.</param>
/// <param name="Warning">A file that was passed over, and why; null when there was none.</param>
public sealed record ConfigLocation(string? Path, ConfigProblem? Warning);
