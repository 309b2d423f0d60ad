namespace NasSync;

/// <summary>The name that a job's own copy has had, where only case or normalization tells it from the one it gets.</summary>
/// <param name="Target">Where the copy is.</param>
/// <param name="State">The copy as the planner saw it; another file is left alone.</param>
public sealed record FormerName(Target Target, FileState State);
