namespace NasSync.Planning;

/// <summary>Why the source of a lost copy cannot stand in for it, for people.</summary>
internal static class OtherSource
{
    /// <summary>One clause. Without a recorded hash nobody knows whether the file that is there now has the same bytes.</summary>
    public static string Words(RecordedCopy copy) => copy.Receipt.Sha256 is null
        ? "its source has another size or time, or is another file, than when it was copied, and no hash of it "
            + "was recorded; an ordinary sync copies it"
        : "its source has changed since it was copied; an ordinary sync copies the new version";
}
