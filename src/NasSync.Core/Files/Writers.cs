namespace NasSync.Files;

/// <summary>Whether any process has a file open for writing.</summary>
internal enum Writers
{
    /// <summary>No process has the file open for writing.</summary>
    None,

    /// <summary>Another process has the file open for writing.</summary>
    Some,

    /// <summary>Unknown: the account lacks the right to ask, or the file system does not tell.</summary>
    Unknown,
}
