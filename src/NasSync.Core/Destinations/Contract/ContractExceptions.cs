namespace NasSync.Destinations.Contract;

/// <summary>The place did not do what <see cref="IDestination"/> promises; the message says what it did.</summary>
internal sealed class ContractBrokenException(string breach, Exception? inner = null) : Exception(breach, inner);

/// <summary>The place cannot do what the case asks for; the message says why.</summary>
internal sealed class NotApplicableException(string reason) : Exception(reason);
