namespace NasSync.Config;

/// <summary>What is done with a job's folder when all of it is recorded.</summary>
public enum FinishedJobsAction
{
    /// <summary>Nothing.</summary>
    Keep,

    /// <summary>The manifest and what it names are removed, once every copy is proven.</summary>
    Remove,

    /// <summary>The folder is moved to another one of the same file system.</summary>
    Archive,
}

/// <summary>What becomes of the folders of finished jobs, and where to.</summary>
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
