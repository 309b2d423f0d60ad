using NasSync.Destinations;

namespace NasSync.Tests.Contracts;

/// <summary>
/// Opens one destination for all cases of a class. The first case opens it, so a skipped class starts no server. A derived class opens the
/// place in <see cref="OpenAsync"/> and stops its server in <see cref="CloseAsync"/>.
/// </summary>
public abstract class DestinationFixture : IAsyncLifetime
{
    private Task<IDestination>? _opening;

    /// <summary>The names of cases that this destination may skip; any other case that reports "does not apply" fails.</summary>
    public virtual IReadOnlyCollection<string> NeedNotApply => [];

    /// <inheritdoc/>
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        try
        {
            if (_opening is { IsCompletedSuccessfully: true }) await (await _opening).DisposeAsync();
        }
        finally
        {
            await CloseAsync();
        }
    }

    // The cases of a class run one after the other. The failed task is kept, so a server that did not start is tried only once.
    internal Task<IDestination> DestinationAsync() => _opening ??= OpenAsync();

    /// <summary>The leftovers of finished cases, as seen from outside the destination; there must be none. The default checks nothing.</summary>
    internal virtual Task<IReadOnlyList<string>> LeftAsync() => Task.FromResult<IReadOnlyList<string>>([]);

    /// <summary>Starts what is needed and opens the destination.</summary>
    private protected abstract Task<IDestination> OpenAsync();

    /// <summary>Stops what was started, even if opening failed half way.</summary>
    private protected virtual ValueTask CloseAsync() => ValueTask.CompletedTask;
}
