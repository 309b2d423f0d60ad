using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NasSync.Failures;

namespace NasSync.Destinations.Pipeline;

/// <summary>Stops calling a place that failed several times in a row, and reports this on the meter <c>NasSync.Destinations</c>.</summary>
internal sealed class BreakerDestination : DestinationDecorator
{
    private static readonly Meter Meter = new("NasSync.Destinations");
    private static readonly UpDownCounter<long> LeftAlone =
        Meter.CreateUpDownCounter<long>(
            "nassync.destination.breaker.open",
            null,
            "1 while a destination is left alone because it failed several times in a row.");

    private readonly CircuitBreaker _breaker;
    private readonly KeyValuePair<string, object?> _destination;
    private readonly object _gate = new();
    private bool _shownOpen;
    private bool _isDisposed;

    /// <param name="inner">The place.</param>
    /// <param name="label">Its name in metrics.</param>
    /// <param name="breaker">Its circuit breaker.</param>
    public BreakerDestination(IDestination inner, string label, CircuitBreaker breaker)
        : base(inner)
    {
        (_breaker, _destination) = (breaker, new("destination", label));
        LeftAlone.Add(0, _destination);
    }

    /// <summary>Receives diagnostic messages. Default: nowhere.</summary>
    public ILogger Log { get; init; } = NullLogger.Instance;

    /// <summary>What messages call the place.</summary>
    public string Name { get; init; } = "";

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isDisposed = true;
            Show(false);
        }

        return base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override async ValueTask<T> Around<T>(DestinationCall operation, Func<ValueTask<T>> call, CancellationToken cancellationToken)
    {
        _breaker.Enter();
        return await ObserveAsync(
            call,
            operation is DestinationCall.Begin or DestinationCall.Adopt or DestinationCall.Delete
                ? _breaker.Succeeded
                : _breaker.Answered).ConfigureAwait(false);
    }

    // Calls of a running copy pass even while the breaker is open: its blocks are the best probe.
    /// <inheritdoc/>
    protected override ValueTask<T> AroundCopy<T>(
        DestinationCall operation,
        int bytes,
        Func<ValueTask<T>> call,
        CancellationToken cancellationToken) =>
        ObserveAsync(call, _breaker.Succeeded);

    private async ValueTask<T> ObserveAsync<T>(Func<ValueTask<T>> call, Action succeeded)
    {
        try
        {
            var result = await call().ConfigureAwait(false);
            succeeded();
            return result;
        }
        catch (FailureException e)
        {
            _breaker.Failed(e.Failure);
            throw;
        }
        catch
        {
            _breaker.Unanswered();
            throw;
        }
        finally
        {
            if (_breaker.IsOpen != _shownOpen) ShowState();
        }
    }

    private void ShowState()
    {
        lock (_gate)
        {
            if (_isDisposed) return;
            if (_breaker.IsOpen != _shownOpen) Tell(_breaker.IsOpen);
            Show(_breaker.IsOpen);
        }
    }

    private void Tell(bool isOpen)
    {
        if (isOpen) DestinationLog.Opened(Log, Name);
        else DestinationLog.Closed(Log, Name);
    }

    private void Show(bool isOpen)
    {
        if (isOpen == _shownOpen) return;
        _shownOpen = isOpen;
        LeftAlone.Add(isOpen ? 1 : -1, _destination);
    }
}
