using NasSync.Templates;

namespace NasSync.Planning;

/// <summary>What occupies an item's target.</summary>
/// <param name="Target">The target.</param>
/// <param name="Found">The file there; null when it is only claimed by this run, or exists under another spelling.</param>
/// <param name="Who">For messages: <c>a file of job X</c>.</param>
/// <param name="IsClaimed">True when another item of this run will write it.</param>
/// <param name="Row">The ledger's row of the file there; null when no row is valid.</param>
internal sealed record Occupant(Target Target, FileState? Found, string Who, bool IsClaimed, RecordedCopy? Row = null);

/// <summary>The failures of a target that something else occupies or claims.</summary>
internal static class TargetConflict
{
    /// <summary>A file for which the ledger has no valid row as a copy.</summary>
    public const string OfUnknown = "a file that is not a recorded copy";

    /// <summary>A copy of ours that someone else changed.</summary>
    public const string Changed = "a copy that someone changed";

    /// <summary>A copy of ours whose source was released, so that it may be the last one.</summary>
    public const string Only = "the copy of an earlier file of this job, whose source was released,";

    public static string OfJob(string jobId) => $"a file of job {jobId}";

    /// <summary>The route's conflict policy is to fail.</summary>
    public static Failure Exists(Wish wish, Occupant occupant) =>
        Conflict(
            "TargetExists",
            wish,
            $"is not sent: {occupant.Target} is {occupant.Who}",
            "Move that file away, or let the route say onConflict: keepBoth.");

    /// <summary>Two jobs of one run would overwrite each other.</summary>
    public static Failure Claimed(Wish wish, Occupant occupant) => Conflict(
        "TargetCollision",
        wish,
        $"is not sent: another item of this run writes {occupant.Target} as {occupant.Who}",
        "Give the route a name that tells the jobs apart (as: \"${name} (${jobId})${ext}\"), or let it say onConflict: keepBoth.");

    /// <summary>Every alternative name is taken.</summary>
    public static Failure NoNameLeft(Wish wish, Occupant occupant) => Conflict(
        "TargetExists",
        wish,
        $"is not sent: {occupant.Target} is {occupant.Who}, and every name beside it is taken",
        "Clear the folder of old copies, or give the route a name of its own with `as:`.");

    /// <summary>A file of one item would have to be a folder of another.</summary>
    public static Failure Inside(Wish wish, Target target, Target inTheWay) => Conflict(
        "TargetInsideTarget",
        wish,
        $"is not sent: {target} and {inTheWay} of another item of this run exclude each other: one would have to be a folder",
        "Send them to different folders, or give one another name with `as:`.");

    /// <summary>The target is the source, or a hard link to it.</summary>
    public static Failure IsSource(Wish wish, Target target) => Conflict(
        "TargetIsSource",
        wish,
        $"is not sent: {target} is the same file (one inode), so it would not be a copy",
        "Route it to a folder outside of the outputs folder, or remove the hard link.");

    /// <summary>The target's file or folder name is reserved for NasSync's own files.</summary>
    public static Failure Reserved(Wish wish, Target target, string name) => new(
        FailureClass.Escape,
        ReservedName.Code,
        $"'{wish.Artifact.Path}' of job '{wish.Decision.JobId}' is not sent to {target}: {Failure.Quote(name)} is a name that NasSync reserves "
            + "for its own files.",
        target.RelativePath.Components[^1] == name
            ? "Give it another name with `as:`, for example \"${artist} - ${title}${ext}\", or let the producer give the file another name."
            : "Send it to a folder of another name: change the route's `to`, or the root it begins with.");

    private static Failure Conflict(string code, Wish wish, string what, string hint) =>
        new(FailureClass.Conflict, code, $"'{wish.Artifact.Path}' of job '{wish.Decision.JobId}' {what}.", hint);
}
