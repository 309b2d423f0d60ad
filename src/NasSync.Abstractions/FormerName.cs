namespace NasSync;

/// <summary>The previous name of a job's own copy that is being renamed; it differs only in case or normalization.</summary>
/// <param name="Target">The target with the previous name.</param>
/// <param name="State">The copy as the planner saw it; a different file is left alone.</param>
public sealed record FormerName(Target Target, FileState State);
