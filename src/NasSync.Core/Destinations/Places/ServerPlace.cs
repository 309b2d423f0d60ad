using NasSync.Ledgers;

namespace NasSync.Destinations.Places;

/// <summary>
/// What is remembered of a root on a server. It gets no marker, because not every server accepts such a file. Once copies in it are recorded, a
/// missing or empty root counts as one whose volume is not mounted, until someone accepts it as emptied on purpose.
/// </summary>
/// <param name="ledger">Stores what is remembered.</param>
/// <param name="destination">The destination's name in the configuration.</param>
/// <param name="root">The root, as targets write it.</param>
/// <param name="time">The clock.</param>
internal sealed class ServerPlace(Ledger ledger, string destination, string root, TimeProvider time)
{
    /// <summary>The name that <c>destination accept</c> takes for this place.</summary>
    public required string Name { get; init; }

    /// <summary>Whether copies in it are recorded, and nobody accepted it as new.</summary>
    public bool HoldsCopies => ledger.HoldsCopies(destination, root);

    /// <summary>Whether someone accepted it in its current state, even if missing, and no copy was made in it since.</summary>
    public bool IsAccepted => ledger.IsAcceptedServer(destination, root);

    /// <summary>Records that a copy was made in it: from now on it counts as holding copies, even when the ledger is lost.</summary>
    /// <exception cref="FailureException">The ledger could not be written.</exception>
    public void HoldsCopy() => ledger.RememberServer(destination, root, time.GetUtcNow());
}
