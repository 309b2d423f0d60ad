using NasSync.Ledgers;

namespace NasSync.Destinations.Places;

/// <summary>Remembers across runs how the folders that were written to are known again. May be called from any thread.</summary>
internal interface IPlaceMemory
{
    /// <summary>What is known of the folder at a root; null when nothing was written there yet.</summary>
    RecordedPlace? Find(string root);

    /// <summary>Whether a folder of which nothing is known may get a marker although it has none.</summary>
    bool MayMark(string root);

    /// <summary>Whether someone said that the folder at a root is the right one, as it is, also where it is missing; a copy ends that.</summary>
    bool IsAccepted(string root);

    /// <summary>The empty folder in which a root would be made, and from which another place has gone; null when there is none.</summary>
    EmptiedFolder? EmptiedAbove(string root);

    /// <summary>Keeps how a folder is known again.</summary>
    void Remember(string root, RecordedPlace place);
}

/// <summary>Remembers in the ledger.</summary>
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
