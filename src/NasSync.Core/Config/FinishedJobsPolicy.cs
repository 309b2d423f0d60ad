namespace NasSync.Config;

/// <summary>The action on a job's folder when the whole job is recorded.</summary>
public enum FinishedJobsAction
{
    /// <summary>Nothing.</summary>
    Keep,

    /// <summary>The manifest and the files that it names are removed after every copy is verified.</summary>
    Remove,

    /// <summary>The folder is moved to another one of the same file system.</summary>
    Archive,
}

/// <summary>The action on folders of finished jobs, with the archive's path if there is one.</summary>
/// <param name="Action">What is done.</param>
/// <param name="Folder">With <see cref="FinishedJobsAction.Archive"/>: the folder that they are moved to, as a full path; else null.</param>
public sealed record FinishedJobsPolicy(FinishedJobsAction Action, string? Folder = null)
{
    /// <summary>They stay where they are.</summary>
    public static FinishedJobsPolicy Keep { get; } = new(FinishedJobsAction.Keep);

    /// <summary>As it is written in the configuration.</summary>
    public override string ToString() => Action switch
    {
        FinishedJobsAction.Keep => "keep",
        FinishedJobsAction.Remove => "remove",
        _ => $"archive:{Folder}",
    };
}
