using NasSync.Ledgers;

namespace NasSync.Webhooks;

/// <summary>The deliveries of one run: a queue worker for each hook, and the intake that feeds them.</summary>
internal sealed class Round : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _cut = new();
    private readonly HookClient _client;
    private readonly Dictionary<string, HookLine> _lines;
    private readonly Intake _intake;
    private readonly Task _taking;
    private readonly Task _delivering;

    public Round(IReadOnlyList<Hook> hooks, Outbox outbox, IReadOnlyDictionary<string, string> variables, TimeProvider time, Action<Notice> tell)
    {
        _time = time;
        _client = new HookClient(variables, time);
        _lines = hooks.ToDictionary(hook => hook.Key, hook => new HookLine(hook, outbox, _client, time, tell), StringComparer.Ordinal);
        _intake = new Intake(hooks, outbox, time, key => _lines[key].Wake(), tell);
        _taking = Task.Run(_intake.RunAsync);
        _delivering = Task.WhenAll(_lines.Values.Select(line => Task.Run(() => line.RunAsync(_cut.Token, _stop.Token))));
    }

    /// <summary>Queues an event for the hooks that subscribe to it.</summary>
    public ValueTask AddAsync(TransferEvent transferEvent) => _intake.AddAsync(transferEvent);

    /// <summary>Ends the intake, writes everything to the ledger, and delivers what is due for a while.</summary>
    /// <param name="patience">For how long.</param>
    /// <param name="stop">Ends the delivery at once; what was written stays queued.</param>
    public async Task FinishAsync(TimeSpan patience, CancellationToken stop)
    {
        _intake.Complete();
        await _taking.ConfigureAwait(false);
        using var stopped = stop.Register(_stop.Cancel);
        using var over = new CancellationTokenSource(patience, _time);
        using var cut = over.Token.Register(_cut.Cancel);
        foreach (var line in _lines.Values) line.Finish();
        await _delivering.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _intake.Complete();
        await _taking.ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        await _delivering.ConfigureAwait(false);
        _client.Dispose();
        _stop.Dispose();
        _cut.Dispose();
    }
}
