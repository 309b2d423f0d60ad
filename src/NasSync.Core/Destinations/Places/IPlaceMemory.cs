using NasSync.Ledgers;

namespace NasSync.Destinations.Places;

/// <summary>Remembers across runs how to recognize the folders that were written to. May be called from any thread.</summary>
internal interface IPlaceMemory
{
    /// <summary>What is recorded of the folder at a root; null when nothing was written there yet.</summary>
    RecordedPlace? Find(string root);

    /// <summary>Whether a folder without a record may get a marker although it has none.</summary>
    bool MayMark(string root);

    /// <summary>Whether someone accepted the folder at a root as the right one, in its current state, even if missing; a copy ends that.</summary>
    bool IsAccepted(string root);

    /// <summary>The empty folder in which a root would be created, and from which another place has disappeared; null when there is none.</summary>
    EmptiedFolder? EmptiedAbove(string root);

    /// <summary>Records how to recognize a folder.</summary>
    void Remember(string root, RecordedPlace place);
}

/// <summary>Stores places in the ledger.</summary>
internal sealed class PlacesInLedger(Ledger ledger, TimeProvider time) : IPlaceMemory
{
    /// <inheritdoc/>
    public RecordedPlace? Find(string root) => ledger.Place(root);

    /// <inheritdoc/>
    public bool MayMark(string root) => ledger.MayMark(root);

    /// <inheritdoc/>
    public bool IsAccepted(string root) => ledger.IsAccepted(root);

    /// <inheritdoc/>
    public EmptiedFolder? EmptiedAbove(string root) => ledger.EmptiedAbove(root);

    /// <inheritdoc/>
    public void Remember(string root, RecordedPlace place) =>
        ledger.RememberPlace(root, ledger.IsShared ? place with { FileSystem = RecordedPlace.AnyFileSystem } : place, time.GetUtcNow());
}
