namespace NasSync.Ledgers;

/// <summary>How a folder that was written to is known again.</summary>
/// <param name="Marker">The id in the marker file that stands there.</param>
/// <param name="FileSystem">The type of file system it was on, such as <c>nfs</c> or <c>ext4</c>.</param>
internal sealed record RecordedPlace(string Marker, string FileSystem)
{
    /// <summary>
    /// Machines that share a ledger may reach one place in several ways, as its own disk and over NFS for example: only the marker tells.
    /// </summary>
    public const string AnyFileSystem = "";

    /// <summary>Someone said that the folder that stands there now is the right one; the next copy marks it.</summary>
    public static RecordedPlace Accepted { get; } = new("(accepted)", AnyFileSystem);

    /// <summary>A root on a server, where no marker is left; there were copies in it.</summary>
    public static RecordedPlace OnServer { get; } = new("(on a server)", AnyFileSystem);
}
