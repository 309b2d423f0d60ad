namespace NasSync.Installing;

/// <summary>What was done to a file, a folder or the system.</summary>
public enum InstallAction
{
    /// <summary>A folder was made.</summary>
    Made,

    /// <summary>A file was written where none was.</summary>
    Wrote,

    /// <summary>A file of ours was written anew.</summary>
    Replaced,

    /// <summary>A file of ours is as it should be.</summary>
    Unchanged,

    /// <summary>A file of ours was removed.</summary>
    Removed,

    /// <summary>A command was run.</summary>
    Ran,

    /// <summary>A command is left to whoever reads this.</summary>
    ToRun,
}

/// <summary>One step of an installation.</summary>
/// <param name="Action">What was done, or would be.</param>
/// <param name="Item">The full path, or the command line.</param>
public sealed record InstallStep(InstallAction Action, string Item);
