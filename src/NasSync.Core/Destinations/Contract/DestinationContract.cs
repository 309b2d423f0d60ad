using NasSync.Destinations.Contract.Cases;

namespace NasSync.Destinations.Contract;

/// <summary>
/// The promises of every destination, as cases that run at a real place: the tests of each destination run them, and users run them at their own
/// places. A new promise of <see cref="IDestination"/> or <see cref="IWriteSession"/> becomes a case here.
/// </summary>
internal static class DestinationContract
{
    /// <summary>All cases, by group.</summary>
    public static IReadOnlyList<ContractCase> Cases { get; } =
    [
        .. LookingCases.All,
        .. ContentCases.All,
        .. TimeCases.All,
        .. CommitCases.All,
        .. CreateCases.All,
        .. ReplaceCases.All,
        .. FolderCases.All,
        .. ListCases.All,
        .. DeleteCases.All,
        .. NameCases.All,
        .. ProofCases.All,
        .. ParallelCases.All,
        .. ResumeCases.All,
        .. CancelCases.All,
    ];
}
