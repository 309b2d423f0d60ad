using NasSync.Destinations;
using NasSync.Destinations.Pipeline;

namespace NasSync.Tests.Support;

/// <summary>Wraps a destination in which one kind of call waits until the test lets it continue; reports when the first call waits.</summary>
internal sealed class StandsStill(IDestination inner, DestinationCall step, Task open, Action? stands = null) : DestinationDecorator(inner)
{
    private int _told;

    protected override async ValueTask<T> Around<T>(DestinationCall operation, Func<ValueTask<T>> call, CancellationToken cancellationToken)
    {
        if (operation == step) await StandAsync();
        return await call();
    }

    protected override async ValueTask<T> AroundCopy<T>(
        DestinationCall operation, int bytes, Func<ValueTask<T>> call, CancellationToken cancellationToken)
    {
        if (operation == step) await StandAsync();
        return await call();
    }

    private Task StandAsync()
    {
        if (Interlocked.Exchange(ref _told, 1) == 0) stands?.Invoke();
        return open;
    }
}
