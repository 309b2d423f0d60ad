using NasSync.Templates;

namespace NasSync.Transfers;

/// <summary>Failures for an artifact, target or place that a request names and that does not exist. They list the existing ones.</summary>
internal static class UnknownItem
{
    /// <summary>The code of the failure when no manifest lists an artifact, or when it has no copy.</summary>
    public const string ArtifactCode = "ArtifactUnknown";

    /// <summary>The code of the failure when no route leads to a target, or when there is no copy at it.</summary>
    public const string TargetCode = "TargetUnknown";

    /// <summary>The code of the failure when a destination or a folder is unknown.</summary>
    public const string PlaceCode = "DestinationUnknown";

    private const int NamesAtMost = 5;

    /// <summary>An artifact is unknown.</summary>
    /// <param name="what">The beginning of the message, such as <c>X does not list 'a'</c>.</param>
    /// <param name="artifact">Its name.</param>
    /// <param name="verb">The words before the list of existing ones, such as <c>it lists</c>.</param>
    /// <param name="known">The existing artifacts.</param>
    public static Failure Artifact(string what, string artifact, string verb, IReadOnlyCollection<string> known) => new(
        FailureClass.Gone,
        ArtifactCode,
        $"{what}: {Instead(artifact, verb, known)}",
        "Name an artifact as its manifest does, relative to the job folder; case counts.");

    /// <summary>A target is unknown.</summary>
    /// <param name="what">The beginning of the message.</param>
    /// <param name="verb">The words before the list of existing ones.</param>
    /// <param name="known">The existing targets.</param>
    public static Failure Target(string what, string verb, IReadOnlyCollection<string> known) => new(
        FailureClass.Gone,
        TargetCode,
        $"{what}: {All(verb, known)}",
        "Name a target by its full path, or as name:path, as a plan and every table show it.");

    /// <summary>A folder is unknown.</summary>
    /// <param name="what">The beginning of the message.</param>
    /// <param name="known">The folders and destinations with copies.</param>
    public static Failure Place(string what, IReadOnlyCollection<string> known) => new(
        FailureClass.Gone,
        PlaceCode,
        $"{what}: {All("it has copies at", known)}",
        "Name a destination of the configuration, or the path of a folder that holds copies.");

    private static string Instead(string name, string verb, IReadOnlyCollection<string> known) =>
        NearestName.Of(name, known) is { } nearest ? $"did you mean {Failure.Quote(nearest)}?" : All(verb, known);

    // Lists all of them: full paths are similar for most of their length, so the nearest one says little.
    private static string All(string verb, IReadOnlyCollection<string> known)
    {
        if (known.Count == 0) return "there is none.";
        var more = known.Count > NamesAtMost ? $" and {known.Count - NamesAtMost} more" : "";
        return $"{verb} {string.Join(", ", known.Order(StringComparer.Ordinal).Take(NamesAtMost).Select(Failure.Quote))}{more}.";
    }
}
