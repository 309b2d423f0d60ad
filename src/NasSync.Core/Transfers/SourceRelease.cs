namespace NasSync.Transfers;

/// <summary>The outcome for a source whose route says <c>release: delete</c>.</summary>
internal enum SourceRelease
{
    /// <summary>It was removed.</summary>
    Removed,

    /// <summary>It has changed since it was copied, or it is itself a copy; the next run checks it.</summary>
    Kept,

    /// <summary>Someone has it open for writing.</summary>
    StillWritten,

    /// <summary>It is unknown whether the source is finished.</summary>
    Unknown,
}
