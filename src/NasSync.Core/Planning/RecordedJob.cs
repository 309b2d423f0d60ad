using System.Globalization;

namespace NasSync.Planning;

/// <summary>The ledger's rows of the planned job, and what they still prove.</summary>
internal sealed class RecordedJob
{
    private readonly Dictionary<(string Artifact, string Key), RecordedCopy> _rows = [];
    private ILookup<string, RecordedCopy>? _byKey;

    /// <summary>Takes a job's rows: one for each wish, and former ones, which are ignored.</summary>
    public RecordedJob(IEnumerable<RecordedCopy> rows)
    {
        foreach (var row in rows.Where(row => !row.IsFormer)) _rows[(row.Artifact, row.Requested.Key)] = row;
    }

    /// <summary>The row of a wish; null when there is none, or it refers to a root that the configuration has since changed.</summary>
    public RecordedCopy? Find(Wish wish) => Find(wish.Artifact.RelativePath, wish.Requested, wish.Key);

    /// <summary>Like <see cref="Find(Wish)"/>, by the parts of a wish.</summary>
    public RecordedCopy? Find(RelativePath artifact, Target requested, string key) =>
        _rows.TryGetValue((artifact.Value, key), out var row) && SamePlace(row.Requested, requested) ? row : null;

    /// <summary>
    /// The row of a wish under an earlier spelling of its artifact's path, provided that no current artifact has that path and the copy is ours to
    /// rename; null when there is none.
    /// </summary>
    /// <param name="wish">The wish.</param>
    /// <param name="isListed">Whether a current artifact has a path.</param>
    public RecordedCopy? FindRespelled(Wish wish, Func<string, bool> isListed)
    {
        if (_rows.Count == 0) return null;
        _byKey ??= _rows.Values.ToLookup(row => row.Requested.Key, StringComparer.Ordinal);
        return _byKey[wish.Key].FirstOrDefault(row =>
            row is { SupersededBy: null, IsAdopted: false, ReleasedAt: null }
            && SamePlace(row.Requested, wish.Requested)
            && KeyOf(row.Artifact) == KeyOf(wish.Artifact.Path)
            && !isListed(row.Artifact));

        static string KeyOf(string path) => UnicodeText.Fold(path);
    }

    /// <summary>A text that says since when a copy exists.</summary>
    public static string Since(RecordedCopy row) => Since(row.Receipt.CommittedAt);

    /// <summary>Like <see cref="Since(RecordedCopy)"/>, for a commit time.</summary>
    public static string Since(DateTimeOffset committedAt) =>
        string.Create(CultureInfo.InvariantCulture, $"since {committedAt.UtcDateTime:yyyy-MM-dd}");

    /// <summary>
    /// Whether two targets with equal keys are the same place. The key of a named destination does not include its root, so after the root changes
    /// the same key means another place, about which an old row proves nothing.
    /// </summary>
    public static bool SamePlace(Target one, Target other) =>
        one.Destination == Target.LocalName || string.Equals(one.Root.TrimEnd('/'), other.Root.TrimEnd('/'), StringComparison.Ordinal);

    /// <summary>Whether the source is still the file that was copied; the inode counts only when both are known.</summary>
    public static bool SameSource(RecordedCopy row, FileState now, string? declaredHash) =>
        SameSource(row.Source, row.Receipt.Sha256, now, declaredHash);

    /// <summary>Like <see cref="SameSource(RecordedCopy, FileState, string?)"/>, for the compared values.</summary>
    public static bool SameSource(FileState then, string? recordedHash, FileState now, string? declaredHash) =>
        then.Size == now.Size
        && then.MtimeNs == now.MtimeNs
        && SameIdentity(then, now)
        && (declaredHash is null || recordedHash is null || SourceFile.SameHash(declaredHash, recordedHash));

    /// <summary>
    /// Whether the source has the content that was copied: it is still that file, or another file with the recorded hash, for example one restored
    /// from a backup. The source is read only if its size, but not its time or inode, is the recorded one.
    /// </summary>
    /// <param name="row">The copy.</param>
    /// <param name="now">The source as it is now.</param>
    /// <param name="declaredHash">The hash that the manifest declares.</param>
    /// <param name="hash">Reads the source.</param>
    public static bool SameContent(RecordedCopy row, FileState now, string? declaredHash, Func<string> hash)
    {
        if (SameSource(row, now, declaredHash)) return true;
        return row.Receipt.Sha256 is { } recorded
            && row.Receipt.Size == now.Size
            && (declaredHash is null || SourceFile.SameHash(declaredHash, recorded))
            && SourceFile.SameHash(recorded, hash());
    }

    /// <summary>
    /// Whether two states may belong to one file. The inode counts when both are known; the device does not, because it changes with each mount.
    /// </summary>
    public static bool SameIdentity(FileState one, FileState other) => one.Inode == 0 || other.Inode == 0 || one.Inode == other.Inode;

    /// <summary>Whether a copy was verified as strictly as a route requires.</summary>
    public static bool Satisfies(VerifiedBy verifiedBy, VerifyLevel level) => level switch
    {
        VerifyLevel.Size => true,
        VerifyLevel.Checksum => verifiedBy >= VerifiedBy.ReadBackCached,
        VerifyLevel.Readback => verifiedBy == VerifiedBy.ReadBack,
        _ => throw new ArgumentOutOfRangeException(nameof(level), level, "Unknown level of verification."),
    };

    /// <summary>Whether someone else changed a file since it was committed. Only a hash can tell a touched file from a changed one.</summary>
    public static bool Drifted(RecordedCopy row, FileState found, Func<string> hash) => Drifted(row.Receipt, found, hash);

    /// <inheritdoc cref="Drifted(RecordedCopy, FileState, Func{string})"/>
    public static bool Drifted(CommitReceipt receipt, FileState found, Func<string> hash)
    {
        if (receipt.Target is not { } committed) return found.Size != receipt.Size;
        if (found.Size != committed.Size) return true;
        if (found.MtimeNs == committed.MtimeNs && SameIdentity(committed, found)) return false;
        return receipt.Sha256 is not { } recorded || !SourceFile.SameHash(recorded, hash());
    }
}
