namespace NasSync.Transfers;

/// <summary>One artifact of a manifest, where a request means it and not the whole manifest.</summary>
/// <param name="Manifest">The manifest, its job folder, or a folder above, as a full path.</param>
/// <param name="Artifact">The artifact, relative to the job folder.</param>
/// <param name="Target">The one target, as <see cref="NasSync.Target.Display"/> has it; null: all of them.</param>
public sealed record MeantItem(string Manifest, string Artifact, string? Target = null)
{
    /// <summary>Whether an artifact at a target is meant.</summary>
    /// <param name="artifact">The artifact, relative to the job folder.</param>
    /// <param name="target">Where it is, or goes.</param>
    /// <param name="requested">Where its route wants it.</param>
    internal bool Is(string artifact, Target? target, Target? requested) =>
        Artifact == artifact && (Target is null || Target == target?.Display || Target == requested?.Display);
}
