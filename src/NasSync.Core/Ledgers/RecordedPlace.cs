namespace NasSync.Ledgers;

/// <summary>How to recognize a folder that was written to.</summary>
/// <param name="Marker">The id in the folder's marker file.</param>
/// <param name="FileSystem">The type of its file system, such as <c>nfs</c> or <c>ext4</c>.</param>
internal sealed record RecordedPlace(string Marker, string FileSystem)
{
    /// <summary>
    /// Matches every file system: machines that share a ledger may reach one place in different ways, for example as a local disk and over NFS, so
    /// only the marker counts.
    /// </summary>
    public const string AnyFileSystem = "";

    /// <summary>Someone accepted the current folder as the right one; the next copy marks it.</summary>
    public static RecordedPlace Accepted { get; } = new("(accepted)", AnyFileSystem);

    /// <summary>A root on a server, which gets no marker; copies were made there.</summary>
    public static RecordedPlace OnServer { get; } = new("(on a server)", AnyFileSystem);
}
