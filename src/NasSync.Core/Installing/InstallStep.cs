namespace NasSync.Installing;

/// <summary>What an installation did to a file, a folder or the system.</summary>
public enum InstallAction
{
    /// <summary>Created a folder.</summary>
    Made,

    /// <summary>Wrote a new file.</summary>
    Wrote,

    /// <summary>Replaced a file that NasSync had written.</summary>
    Replaced,

    /// <summary>Left a file of NasSync, which is up to date.</summary>
    Unchanged,

    /// <summary>Removed a file that NasSync had written.</summary>
    Removed,

    /// <summary>Ran a command.</summary>
    Ran,

    /// <summary>Left a command to the user.</summary>
    ToRun,
}

/// <summary>One step of an installation.</summary>
/// <param name="Action">What was done, or would be done.</param>
/// <param name="Item">The full path, or the command line.</param>
public sealed record InstallStep(InstallAction Action, string Item);
