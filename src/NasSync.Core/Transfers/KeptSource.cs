namespace NasSync.Transfers;

/// <summary>What people are told of a source that stays although its route says <c>release: delete</c>. Its copies are made and recorded all the same.</summary>
internal static class KeptSource
{
    /// <summary>The code of these notices.</summary>
    public const string Code = "SourceKept";

    /// <summary>The job folder is a link.</summary>
    public static Notice Linked(Manifest manifest, Artifact artifact) => Of(
        manifest,
        artifact,
        "its job folder is a symbolic link",
        "What lies behind a link is never removed; remove it by hand, or put the job folder itself into the outputs folder.");

    private static Notice Of(Manifest manifest, Artifact artifact, string why, string hint) =>
        new(Code, $"'{artifact.Path}' of job '{manifest.JobId}' is not removed although its route says release: delete: {why}.", hint);
}
