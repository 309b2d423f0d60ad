using NasSync.Config;

namespace NasSync.Ledgers;

/// <summary>
/// The turn to work with a work folder: its lock, and the ledger of it. Who may wait for another run gets it when that one has finished; nobody is
/// promised an order.
/// </summary>
/// <param name="config">The configuration whose work folder and ledger are meant.</param>
/// <param name="variables">Where references to secrets are looked up; null: this process's environment.</param>
/// <param name="wait">How long another run is waited for; zero: not at all.</param>
/// <param name="time">The clock; null is the system's.</param>
public sealed class WorkTurn(
    SyncConfig config,
    IReadOnlyDictionary<string, string>? variables,
    TimeSpan wait,
    TimeProvider? time = null) : IDisposable
{
    /// <summary>The code of the failure that another run holds the work folder, or the ledger.</summary>
    public const string LockedCode = "Locked";

    // A lock tells nobody when it is released, and another machine's ledger neither. So often it costs nothing to ask.
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(200);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private WorkLock? _lock;
    private Ledger? _ledger;

    /// <summary>The ledger, open for writing, once the turn was taken.</summary>
    public Ledger Ledger => _ledger ?? throw new InvalidOperationException("It is not our turn.");

    /// <summary>Takes the turn at once where nobody has it.</summary>
    /// <returns>Null: it is taken. Else what people should know before <see cref="WaitAsync"/>: that it is waited for, and for whom.</returns>
    /// <exception cref="FailureException">Another has it and is not to be waited for (code Locked), or work folder or ledger cannot be
    /// used.</exception>
    public Notice? Take()
    {
        if (TryTake() is not { } held) return null;
        if (wait <= TimeSpan.Zero) throw held;
        return new Notice("WaitingForLock", held.Failure.Message, $"It is waited for up to {Durations.Format(wait)}.");
    }

    /// <summary>Waits until the turn is taken.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>False when the waiting was ended first.</returns>
    /// <exception cref="FailureException">As <see cref="Take"/>; another still has it when the time is up.</exception>
    public async Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        while (true)
        {
            var left = wait - _time.GetElapsedTime(began);
            try
            {
                if (left > TimeSpan.Zero) await Task.Delay(left < BetweenTries ? left : BetweenTries, _time, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return false;
            }

            if (TryTake() is not { } held) return true;
            if (left > BetweenTries) continue;
            throw new FailureException(
                held.Failure with { Message = $"{held.Failure.Message.TrimEnd('.')}; it was waited for {Durations.Format(wait)}." },
                held);
        }
    }

    /// <summary>Gives the turn to the next one.</summary>
    public void Dispose()
    {
        _ledger?.Dispose();
        _lock?.Dispose();
    }

    // Null when it is taken, else who has it.
    private FailureException? TryTake()
    {
        WorkLock? taken = null;
        try
        {
            taken = WorkLock.Acquire(config.WorkDir, _time);
            _ledger = Ledger.Open(config, variables, _time);
            _lock = taken;
            return null;
        }
        catch (FailureException e) when (e.Failure.Code == LockedCode)
        {
            taken?.Dispose();
            return e;
        }
        catch
        {
            taken?.Dispose();
            throw;
        }
    }
}
