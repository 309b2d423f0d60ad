using System.Text.RegularExpressions;

namespace NasSync.Transfers;

/// <summary>One artifact of a manifest, where a request means it and not the whole manifest.</summary>
/// <param name="Manifest">The manifest, its job folder, or a folder above, as a full path.</param>
/// <param name="Artifact">The artifact, relative to the job folder.</param>
/// <param name="Target">
/// The one target, as <see cref="NasSync.Target.Display"/> has it, compared as targets are: without regard to case; null: all of them.
/// </param>
public sealed partial record MeantItem(string Manifest, string Artifact, string? Target = null)
{
    /// <summary>Whether an artifact at a target is meant.</summary>
    /// <param name="artifact">The artifact, relative to the job folder.</param>
    /// <param name="target">Where it is, or goes.</param>
    /// <param name="requested">Where its route wants it.</param>
    internal bool Is(string artifact, Target? target, Target? requested) =>
        Artifact == artifact && (Target is null || IsAt(target) || IsAt(requested));

    private bool IsAt(Target? target) => target is not null && (target.Display == Target || Folded(target.Display) == Folded(Target!));

    // What is typed may have a slash too many, and another case.
    private static string Folded(string target) => UnicodeText.Fold(Slashes().Replace(target, "/").TrimEnd('/'));

    [GeneratedRegex("/(\\./|/)*")]
    private static partial Regex Slashes();
}
