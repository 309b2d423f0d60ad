namespace NasSync.Config;

/// <summary>The configuration file that was found.</summary>
/// <param name="Path">The file, as named or as a full path; null when there is none and only the environment counts.</param>
/// <param name="Warning">A file that was ignored, and why; null when there was none.</param>
public sealed record ConfigLocation(string? Path, ConfigProblem? Warning);
