using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace NasSync.Transfers;

/// <summary>The events of work that runs beside its reader.</summary>
internal static class EventStream
{
    /// <summary>Begins the work and yields what it says. It has ended when the stream has; whoever stops reading early stops it.</summary>
    /// <param name="events">What the work says; it completes this at its end.</param>
    /// <param name="work">The work; it never throws, but completes its events with what went wrong.</param>
    /// <param name="cancellationToken">Stops the work; its last events still come.</param>
    public static async IAsyncEnumerable<T> OfAsync<T>(
        ChannelReader<T> events, Func<CancellationToken, Task> work, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var execution = Task.Run(() => work(stop.Token), CancellationToken.None);
        try
        {
            await foreach (var one in events.ReadAllAsync(CancellationToken.None).ConfigureAwait(false)) yield return one;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            // It may wait for room in the stream of events; nobody reads them any more.
            await foreach (var _ in events.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
            }

            await execution.ConfigureAwait(false);
        }
    }

    /// <summary>The events of a stream that hands several over at a time, one by one.</summary>
    public static async IAsyncEnumerable<T> EachAsync<T>(this IAsyncEnumerable<IReadOnlyList<T>> events)
    {
        await foreach (var several in events.ConfigureAwait(false))
            foreach (var one in several) yield return one;
    }
}
