namespace NasSync.Destinations.Contract;

/// <summary>One promise of <see cref="IDestination"/>, tested at a real place.</summary>
/// <param name="Group">The subject of the promise, such as <c>names</c>.</param>
/// <param name="Name">The promise, as a sentence.</param>
/// <param name="Run">Tests the promise. Throws <see cref="ContractBrokenException"/> when it is broken, <see cref="NotApplicableException"/> when the
/// place cannot do what the case needs.</param>
internal sealed record ContractCase(string Group, string Name, Func<ContractPlace, CancellationToken, Task> Run)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Group}: {Name}";
}
