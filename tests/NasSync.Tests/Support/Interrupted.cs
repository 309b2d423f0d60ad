using NasSync.Destinations;
using NasSync.Destinations.Pipeline;

namespace NasSync.Tests.Support;

/// <summary>
/// Wraps a destination and runs a test's action once, after the first call of a kind: <c>stat</c>, <c>begin</c>, <c>write</c>, <c>commit</c>…
/// This lets a test change files in the middle of a copy without waiting.
/// </summary>
internal sealed class Interrupted(IDestination inner, DestinationCall step, Action interrupt) : DestinationDecorator(inner)
{
    private int _done;

    protected override ValueTask<T> Around<T>(DestinationCall operation, Func<ValueTask<T>> call, CancellationToken cancellationToken) =>
        Through(operation, call);

    protected override ValueTask<T> AroundCopy<T>(
        DestinationCall operation, int bytes, Func<ValueTask<T>> call, CancellationToken cancellationToken) => Through(operation, call);

    // The action runs after the call: a write has stored its block by then.
    private async ValueTask<T> Through<T>(DestinationCall operation, Func<ValueTask<T>> call)
    {
        var answer = await call();
        if (operation == step && Interlocked.Exchange(ref _done, 1) == 0) interrupt();
        return answer;
    }
}
