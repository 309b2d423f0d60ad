namespace NasSync.Planning;

/// <summary>Where else the bytes of a copy stand according to the ledger, for who must put them back by hand.</summary>
internal static class OtherCopies
{
    private const int MostNamed = 3;

    /// <summary>
    /// <c>; the ledger knows another copy at …</c>, with what to do with it; or nothing. Whether it is intact the ledger cannot know.
    /// </summary>
    public static string Words(IEnumerable<RecordedCopy> ofJob, RecordedCopy copy) => Words(Of(ofJob, copy));

    /// <summary>The other copies of a copy's bytes.</summary>
    public static List<RecordedCopy> Of(IEnumerable<RecordedCopy> ofJob, RecordedCopy copy) =>
    [
        .. ofJob.Where(one =>
            one.SupersededBy is null && one.Artifact == copy.Artifact && one.Target.Key != copy.Target.Key
            && one.Receipt.Size == copy.Receipt.Size
            && (one.Receipt.Sha256 is null || copy.Receipt.Sha256 is null || one.Receipt.Sha256 == copy.Receipt.Sha256)),
    ];

    /// <summary>As the other one, of copies that were found already.</summary>
    public static string Words(List<RecordedCopy> others)
    {
        if (others.Count == 0) return "";
        var known = others.Count == 1 ? "another copy" : $"{others.Count} other copies";
        return $"; the ledger knows {known} at {Named(others)}: "
            + "copy one that verify found intact back by hand, or a backup, then verify again";
    }

    /// <summary>The copies' targets; of many, the first.</summary>
    public static string Named(List<RecordedCopy> copies) =>
        $"{string.Join(", ", copies.Take(MostNamed).Select(one => one.Target.ToString()))}{(copies.Count > MostNamed ? ", …" : "")}";
}
