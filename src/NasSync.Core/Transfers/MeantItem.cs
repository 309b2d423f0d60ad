using System.Text.RegularExpressions;

namespace NasSync.Transfers;

/// <summary>Selects one artifact of a manifest, for a request that is not about the whole manifest.</summary>
/// <param name="Manifest">The manifest, its job folder, or a folder above, as a full path.</param>
/// <param name="Artifact">The artifact, relative to the job folder.</param>
/// <param name="Target">
/// Selects one target, as <see cref="NasSync.Target.Display"/> shows it; compared without regard to case, as all targets are. Null selects all.
/// </param>
public sealed partial record MeantItem(string Manifest, string Artifact, string? Target = null)
{
    /// <summary>Whether this selects an artifact at a target.</summary>
    /// <param name="artifact">The artifact, relative to the job folder.</param>
    /// <param name="target">Its actual or planned target.</param>
    /// <param name="requested">The target that its route requests.</param>
    internal bool Is(string artifact, Target? target, Target? requested) =>
        Artifact == artifact && (Target is null || IsAt(target) || IsAt(requested));

    private bool IsAt(Target? target) => target is not null && (target.Display == Target || Folded(target.Display) == Folded(Target!));

    // A typed target may have doubled or trailing slashes, and another case.
    private static string Folded(string target) => UnicodeText.Fold(Slashes().Replace(target, "/").TrimEnd('/'));

    [GeneratedRegex("/(\\./|/)*")]
    private static partial Regex Slashes();
}
