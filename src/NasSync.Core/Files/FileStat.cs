namespace NasSync.Files;

/// <summary>The type of a directory entry.</summary>
internal enum FileKind
{
    Regular,
    Folder,
    Link,

    /// <summary>A FIFO, socket or device: never read, never replaced.</summary>
    Special,
}

/// <summary>The result of one stat.</summary>
/// <param name="Kind">The type of the entry.</param>
/// <param name="State">Size, time and identity.</param>
/// <param name="Links">Number of hard links; 1 where the platform does not report it.</param>
/// <param name="AllocatedBytes">Bytes allocated on the medium; fewer than the size when the file is sparse.</param>
internal readonly record struct FileStat(FileKind Kind, FileState State, uint Links, long AllocatedBytes)
{
    /// <summary>True when a copy should keep holes as holes.</summary>
    public bool IsSparse => AllocatedBytes < State.Size;
}
