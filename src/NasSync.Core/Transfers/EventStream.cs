using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace NasSync.Transfers;

/// <summary>Runs work in the background of the code that reads its events.</summary>
internal static class EventStream
{
    /// <summary>Starts the work and yields its events. The stream ends with the work; a reader that stops early stops the work.</summary>
    /// <param name="events">The events of the work, which completes the channel at its end.</param>
    /// <param name="work">The work. It never throws, but completes its channel with the exception.</param>
    /// <param name="cancellationToken">Stops the work; its last events are still yielded.</param>
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
            // The work may be waiting for room in the channel, so drain it.
            await foreach (var _ in events.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
            }

            await execution.ConfigureAwait(false);
        }
    }

    /// <summary>Yields the events of a stream of batches one by one.</summary>
    public static async IAsyncEnumerable<T> EachAsync<T>(this IAsyncEnumerable<IReadOnlyList<T>> events)
    {
        await foreach (var several in events.ConfigureAwait(false))
            foreach (var one in several) yield return one;
    }
}
