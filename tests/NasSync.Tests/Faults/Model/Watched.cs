using NasSync.Destinations;
using NasSync.Destinations.Pipeline;

namespace NasSync.Tests.Faults.Model;

/// <summary>Wraps a destination and reports every call to it.</summary>
internal sealed class Watched(IDestination inner, Action called) : DestinationDecorator(inner)
{
    protected override ValueTask<T> Around<T>(DestinationCall operation, Func<ValueTask<T>> call, CancellationToken cancellationToken)
    {
        called();
        return call();
    }

    protected override ValueTask<T> AroundCopy<T>(DestinationCall operation, int bytes, Func<ValueTask<T>> call, CancellationToken cancellationToken)
    {
        called();
        return call();
    }
}
