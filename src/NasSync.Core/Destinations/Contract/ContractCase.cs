namespace NasSync.Destinations.Contract;

/// <summary>One promise of <see cref="IDestination"/>, tried at a real place.</summary>
/// <param name="Group">What it is about.</param>
/// <param name="Name">The promise, as a sentence.</param>
/// <param name="Run">Tries it; throws <see cref="ContractBrokenException"/> when it is not kept, <see cref="NotApplicableException"/> when the place
/// cannot be asked for it.</param>
internal sealed record ContractCase(string Group, string Name, Func<ContractPlace, CancellationToken, Task> Run)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Group}: {Name}";
}
