namespace NasSync.Planning;

/// <summary>Explains to people why the source cannot replace a lost copy.</summary>
internal static class OtherSource
{
    /// <summary>The explanation as one clause. Without a recorded hash it is unknown whether the current file has the same bytes.</summary>
    public static string Words(RecordedCopy copy) => copy.Receipt.Sha256 is null
        ? "its source has another size or time, or is another file, than when it was copied, and no hash of it "
            + "was recorded; an ordinary sync copies it"
        : "its source has changed since it was copied; an ordinary sync copies the new version";
}
