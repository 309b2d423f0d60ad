namespace NasSync.Transfers;

/// <summary>Where else the bytes of a copy stand according to the ledger, for who must put them back by hand.</summary>
internal static class OtherCopies
{
    /// <summary><c>; the ledger knows another copy at …</c>, with what to do with it; or nothing.</summary>
    public static string Words(IEnumerable<RecordedCopy> ofJob, RecordedCopy copy)
    {
        var other = ofJob.FirstOrDefault(one =>
            one.SupersededBy is null && one.Artifact == copy.Artifact && one.Target.Key != copy.Target.Key
            && one.Receipt.Size == copy.Receipt.Size && (one.Receipt.Sha256 is null || copy.Receipt.Sha256 is null || one.Receipt.Sha256 == copy.Receipt.Sha256));
        return other is null ? "" : $"; the ledger knows another copy at {other.Target}: copy it back by hand, then verify again";
    }
}
