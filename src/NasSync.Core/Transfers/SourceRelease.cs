namespace NasSync.Transfers;

/// <summary>What became of a source whose route says <c>release: delete</c>.</summary>
internal enum SourceRelease
{
    /// <summary>It was removed.</summary>
    Removed,

    /// <summary>It is not what was copied any more, or it is a copy itself; the next run looks at it.</summary>
    Kept,

    /// <summary>Someone has it open for writing.</summary>
    StillWritten,

    /// <summary>Nothing says whether it is finished.</summary>
    Unknown,
}
