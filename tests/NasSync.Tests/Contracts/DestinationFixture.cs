using NasSync.Destinations;

namespace NasSync.Tests.Contracts;

/// <summary>
/// One destination for all cases of a class, opened when the first case wants it, so that a skipped class starts no server. Derive, open the
/// place in <see cref="OpenAsync"/> and stop what was started in <see cref="CloseAsync"/>.
/// </summary>
public abstract class DestinationFixture : IAsyncLifetime
{
    private Task<IDestination>? _opening;

    /// <summary>The names of cases that need not apply here; any other case that says it does not apply fails.</summary>
    public virtual IReadOnlyCollection<string> NeedNotApply => [];

    /// <inheritdoc/>
    public Task InitializeAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        try
        {
            if (_opening is { IsCompletedSuccessfully: true }) await (await _opening).DisposeAsync();
        }
        finally
        {
            await CloseAsync();
        }
    }

    // Cases of a class run one after the other. A server that did not start is not started again for each of them.
    internal Task<IDestination> DestinationAsync() => _opening ??= OpenAsync();

    /// <summary>What a look from outside finds of cases that have ended; nothing may be left. The default looks at nothing.</summary>
    internal virtual Task<IReadOnlyList<string>> LeftAsync() => Task.FromResult<IReadOnlyList<string>>([]);

    /// <summary>Starts what is needed and opens the destination.</summary>
    private protected abstract Task<IDestination> OpenAsync();

    /// <summary>Stops what was started, even if opening failed half way.</summary>
    private protected virtual ValueTask CloseAsync() => ValueTask.CompletedTask;
}
