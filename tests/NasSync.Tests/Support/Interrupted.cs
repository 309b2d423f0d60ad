using NasSync.Destinations;
using NasSync.Destinations.Pipeline;

namespace NasSync.Tests.Support;

/// <summary>
/// Another destination that does something of the test's once, when a call comes for the first time: <c>stat</c>, <c>begin</c>, <c>write</c>,
/// <c>commit</c>… So a test changes the world in the middle of a copy without waiting for anything.
/// </summary>
internal sealed class Interrupted(IDestination inner, DestinationCall step, Action interrupt) : DestinationDecorator(inner)
{
    private int _done;

    protected override ValueTask<T> Around<T>(DestinationCall operation, Func<ValueTask<T>> call, CancellationToken cancellationToken) => Through(operation, call);

    protected override ValueTask<T> AroundCopy<T>(DestinationCall operation, int bytes, Func<ValueTask<T>> call, CancellationToken cancellationToken) => Through(operation, call);

    // Behind the call: of a write the block is there by then, and more may be asked for.
    private async ValueTask<T> Through<T>(DestinationCall operation, Func<ValueTask<T>> call)
    {
        var answer = await call();
        if (operation == step && Interlocked.Exchange(ref _done, 1) == 0) interrupt();
        return answer;
    }
}
