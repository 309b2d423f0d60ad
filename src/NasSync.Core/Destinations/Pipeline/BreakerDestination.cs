using NasSync.Failures;

namespace NasSync.Destinations.Pipeline;

/// <summary>Leaves a place alone that failed several times in a row.</summary>
internal sealed class BreakerDestination(IDestination inner, CircuitBreaker breaker) : DestinationDecorator(inner)
{
    /// <inheritdoc/>
    protected override async ValueTask<T> Around<T>(string operation, Func<ValueTask<T>> call, CancellationToken cancellationToken)
    {
        breaker.Enter();
        return await ObserveAsync(call).ConfigureAwait(false);
    }

    // A copy that has begun is finished if it can be: its blocks are the best probe there is.
    /// <inheritdoc/>
    protected override ValueTask<T> AroundCopy<T>(string operation, int bytes, Func<ValueTask<T>> call, CancellationToken cancellationToken) => ObserveAsync(call);

    private async ValueTask<T> ObserveAsync<T>(Func<ValueTask<T>> call)
    {
        try
        {
            var result = await call().ConfigureAwait(false);
            breaker.Succeeded();
            return result;
        }
        catch (FailureException e)
        {
            breaker.Failed(e.Failure);
            throw;
        }
    }
}
