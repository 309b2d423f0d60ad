using NasSync.Ledgers;

namespace NasSync.Destinations.Places;

/// <summary>
/// What is remembered of a root on a server. It gets no marker, for not every server lets a file be put there; once copies in it are recorded, a root
/// that is missing or empty is taken for one whose volume is not mounted, until someone says that it was emptied on purpose.
/// </summary>
/// <param name="ledger">Where it is remembered.</param>
/// <param name="destination">The destination's name in the configuration.</param>
/// <param name="root">The root, as targets have it.</param>
/// <param name="time">The clock.</param>
internal sealed class ServerPlace(Ledger ledger, string destination, string root, TimeProvider time)
{
    /// <summary>What <c>destination accept</c> takes for it.</summary>
    public required string Name { get; init; }

    /// <summary>Whether copies in it are recorded, and nobody said that it begins anew.</summary>
    public bool HoldsCopies => ledger.HoldsCopies(destination, root);

    /// <summary>Whether someone said that it is taken as it is, also where it is missing, and no copy was made in it since.</summary>
    public bool IsAccepted => ledger.IsAcceptedServer(destination, root);

    /// <summary>Says that a copy was made in it: from now on it counts as one that holds copies, also where the ledger is lost.</summary>
    /// <exception cref="FailureException">It could not be remembered.</exception>
    public void HoldsCopy() => ledger.RememberServer(destination, root, time.GetUtcNow());
}
