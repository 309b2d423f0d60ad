namespace NasSync.Files;

/// <summary>What stands at a name.</summary>
internal enum FileKind
{
    Regular,
    Folder,
    Link,

    /// <summary>A FIFO, socket or device: never read, never replaced.</summary>
    Special,
}

/// <summary>One look at a file.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="State">Size, time and identity.</param>
/// <param name="Links">Number of names; 1 where the platform does not say.</param>
/// <param name="AllocatedBytes">Room on the medium; less than the size where the file has holes.</param>
internal readonly record struct FileStat(FileKind Kind, FileState State, uint Links, long AllocatedBytes)
{
    /// <summary>True when a copy should keep holes as holes.</summary>
    public bool IsSparse => AllocatedBytes < State.Size;
}
