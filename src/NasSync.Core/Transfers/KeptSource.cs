namespace NasSync.Transfers;

/// <summary>Notices about a source that is kept although its route says <c>release: delete</c>. Its copies are made anyway.</summary>
internal static class KeptSource
{
    /// <summary>The code of these notices.</summary>
    public const string Code = "SourceKept";

    /// <summary>The job folder is a link.</summary>
    public static Notice Linked(Manifest manifest, Artifact artifact) => Of(
        manifest,
        artifact,
        "its job folder is a symbolic link",
        "NasSync never removes files behind a link; remove the source by hand, or put the job folder itself into the outputs folder.");

    /// <summary>The source is the manifest itself, which later runs need to find the other artifacts.</summary>
    public static Notice OfManifest(Manifest manifest, Artifact artifact) => Of(
        manifest,
        artifact,
        "it is the job's manifest, which runs need to find the job",
        "Let finishedJobs clear the whole folder away once all of it is recorded.");

    /// <summary>The other copies were verified too long ago to be trusted.</summary>
    public static Notice ReadLongAgo(Manifest manifest, Artifact artifact) => Of(
        manifest,
        artifact,
        "its last copy took so long that an earlier copy of it, read before, must be checked again",
        "The next run reads every copy again and then removes the source.");

    /// <summary>A copy was looked at again, because the last one took long, and was not as it was made.</summary>
    public static Notice Doubted(Manifest manifest, Artifact artifact, string doubt) => Of(
        manifest,
        artifact,
        doubt,
        "The next run reads every copy again, makes what is missing, and removes it then.");

    /// <summary>The notice about an attempt to remove a source; null when there is nothing to report.</summary>
    public static Notice? Because(SourceRelease outcome, Manifest manifest, Artifact artifact) => outcome switch
    {
        SourceRelease.StillWritten => Of(
            manifest,
            artifact,
            "a program has it open for writing",
            "A later run removes it once it is closed; where a program never closes its files, let manifests declare size or sha256."),
        SourceRelease.Unknown => Of(
            manifest,
            artifact,
            "nothing says that it is finished",
            "Let manifests declare size or sha256, let NasSync run as the files' owner or with CAP_LEASE (on a disk of this machine), "
                + "or set settle to how long they rest."),
        _ => null,
    };

    private static Notice Of(Manifest manifest, Artifact artifact, string why, string hint) =>
        new(Code, $"'{artifact.Path}' of job '{manifest.JobId}' is not removed although its route says release: delete: {why}.", hint);
}
