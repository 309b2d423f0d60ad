using System.Globalization;

namespace NasSync.Planning;

/// <summary>What the ledger knows of the job that is planned, and what its rows still prove.</summary>
internal sealed class RecordedJob
{
    private readonly Dictionary<(string Artifact, string Key), RecordedCopy> _rows = [];
    private ILookup<string, RecordedCopy>? _byKey;

    /// <summary>Takes a job's rows; the ledger has one for each wish, and former ones.</summary>
    public RecordedJob(IEnumerable<RecordedCopy> rows)
    {
        foreach (var row in rows.Where(row => !row.IsFormer)) _rows[(row.Artifact, row.Requested.Key)] = row;
    }

    /// <summary>The row of a wish; null when there is none, or it speaks of a place that the configuration has moved since.</summary>
    public RecordedCopy? Find(Wish wish) => Find(wish.Artifact.RelativePath, wish.Requested, wish.Key);

    /// <summary>As <see cref="Find(Wish)"/>, by what a wish is made of.</summary>
    public RecordedCopy? Find(RelativePath artifact, Target requested, string key) =>
        _rows.TryGetValue((artifact.Value, key), out var row) && SamePlace(row.Requested, requested) ? row : null;

    /// <summary>
    /// The row of a wish by an earlier spelling of its artifact's path, as long as no artifact of today has that path; only of a copy that is ours to
    /// rename. Null when there is none.
    /// </summary>
    /// <param name="wish">The wish.</param>
    /// <param name="isListed">Whether an artifact of today has a path.</param>
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

    /// <summary>For people: since when a copy stands.</summary>
    public static string Since(RecordedCopy row) => Since(row.Receipt.CommittedAt);

    /// <summary>As <see cref="Since(RecordedCopy)"/>, by the time of its commit.</summary>
    public static string Since(DateTimeOffset committedAt) =>
        string.Create(CultureInfo.InvariantCulture, $"since {committedAt.UtcDateTime:yyyy-MM-dd}");

    /// <summary>
    /// Whether two targets of equal key are one place. A named destination's key does not hold its root, so the same words mean another
    /// place after the root was changed; a row of the old one proves nothing about the new one.
    /// </summary>
    public static bool SamePlace(Target one, Target other) =>
        one.Destination == Target.LocalName || string.Equals(one.Root.TrimEnd('/'), other.Root.TrimEnd('/'), StringComparison.Ordinal);

    /// <summary>Whether the source still is the file that was copied; the inode counts only where both are known.</summary>
    public static bool SameSource(RecordedCopy row, FileState now, string? declaredHash) =>
        SameSource(row.Source, row.Receipt.Sha256, now, declaredHash);

    /// <summary>As <see cref="SameSource(RecordedCopy, FileState, string?)"/>, by what is compared.</summary>
    public static bool SameSource(FileState then, string? recordedHash, FileState now, string? declaredHash) =>
        then.Size == now.Size
        && then.MtimeNs == now.MtimeNs
        && SameIdentity(then, now)
        && (declaredHash is null || recordedHash is null || SourceFile.SameHash(declaredHash, recordedHash));

    /// <summary>
    /// Whether two looks may have seen one file. The inode counts where both are known; a device gets another number with each mount.
    /// </summary>
    public static bool SameIdentity(FileState one, FileState other) => one.Inode == 0 || other.Inode == 0 || one.Inode == other.Inode;

    /// <summary>Whether a copy is as sure as a route wants.</summary>
    public static bool Satisfies(VerifiedBy verifiedBy, VerifyLevel level) => level switch
    {
        VerifyLevel.Size => true,
        VerifyLevel.Checksum => verifiedBy >= VerifiedBy.ReadBackCached,
        VerifyLevel.Readback => verifiedBy == VerifiedBy.ReadBack,
        _ => throw new ArgumentOutOfRangeException(nameof(level), level, "Unknown level of verification."),
    };

    /// <summary>Whether someone else changed a file since we committed it. Only a hash tells a touched file from a changed one.</summary>
    public static bool Drifted(RecordedCopy row, FileState found, Func<string> hash)
    {
        if (row.Receipt.Target is not { } committed) return found.Size != row.Receipt.Size;
        if (found.Size != committed.Size) return true;
        if (found.MtimeNs == committed.MtimeNs && SameIdentity(committed, found)) return false;
        return row.Receipt.Sha256 is not { } recorded || !SourceFile.SameHash(recorded, hash());
    }
}
