using NasSync.Templates;

namespace NasSync.Transfers;

/// <summary>What is said of an artifact or a target that a request names and that is nowhere, with what there is instead.</summary>
internal static class UnknownItem
{
    /// <summary>The code of the failure of an artifact that no manifest lists, or of which there is no copy.</summary>
    public const string ArtifactCode = "ArtifactUnknown";

    /// <summary>The code of the failure of a target where no route leads, or at which there is no copy.</summary>
    public const string TargetCode = "TargetUnknown";

    /// <summary>The code of the failure of a destination, or a folder, that nobody knows.</summary>
    public const string PlaceCode = "DestinationUnknown";

    private const int NamesAtMost = 5;

    /// <summary>An artifact is unknown.</summary>
    /// <param name="what">The sentence so far, such as <c>X does not list 'a'</c>.</param>
    /// <param name="artifact">Its name.</param>
    /// <param name="verb">How what there is goes on, such as <c>it lists</c>.</param>
    /// <param name="known">The artifacts that there are.</param>
    public static Failure Artifact(string what, string artifact, string verb, IReadOnlyCollection<string> known) => new(
        FailureClass.Gone,
        ArtifactCode,
        $"{what}: {Instead(artifact, verb, known)}",
        "Name an artifact as its manifest does, relative to the job folder; case counts.");

    /// <summary>A target is unknown.</summary>
    /// <param name="what">The sentence so far.</param>
    /// <param name="verb">How what there is goes on.</param>
    /// <param name="known">The targets that there are.</param>
    public static Failure Target(string what, string verb, IReadOnlyCollection<string> known) => new(
        FailureClass.Gone,
        TargetCode,
        $"{what}: {All(verb, known)}",
        "Name a target by its full path, or as name:path, as a plan and every table show it.");

    /// <summary>A folder is unknown.</summary>
    /// <param name="what">The sentence so far.</param>
    /// <param name="known">The folders and destinations where copies are.</param>
    public static Failure Place(string what, IReadOnlyCollection<string> known) => new(
        FailureClass.Gone,
        PlaceCode,
        $"{what}: {All("it has copies at", known)}",
        "Name a destination of the configuration, or the path of a folder that holds copies.");

    private static string Instead(string name, string verb, IReadOnlyCollection<string> known) =>
        NearestName.Of(name, known) is { } nearest ? $"did you mean {Failure.Quote(nearest)}?" : All(verb, known);

    // Full paths are alike for most of their length, so that the nearest of them says little.
    private static string All(string verb, IReadOnlyCollection<string> known)
    {
        if (known.Count == 0) return "there is none.";
        var more = known.Count > NamesAtMost ? $" and {known.Count - NamesAtMost} more" : "";
        return $"{verb} {string.Join(", ", known.Order(StringComparer.Ordinal).Take(NamesAtMost).Select(Failure.Quote))}{more}.";
    }
}
