namespace NasSync.Files;

/// <summary>Who may be writing a file at this moment.</summary>
internal enum Writers
{
    /// <summary>Nobody has it open for writing.</summary>
    None,

    /// <summary>Someone has.</summary>
    Some,

    /// <summary>This account, or this file system, is not told.</summary>
    Unknown,
}
