using NasSync.Config;

namespace NasSync.Ledgers;

/// <summary>
/// A turn to work with a work folder: its lock and its ledger. With a waiting time, the turn begins when the other run has finished; several waiting
/// runs have no guaranteed order.
/// </summary>
/// <param name="config">The configuration that names work folder and ledger.</param>
/// <param name="variables">Resolves references to secrets; null uses this process's environment.</param>
/// <param name="wait">How long to wait for another run; zero does not wait.</param>
/// <param name="time">The clock; null uses the system's.</param>
public sealed class WorkTurn(
    SyncConfig config,
    IReadOnlyDictionary<string, string>? variables,
    TimeSpan wait,
    TimeProvider? time = null) : IDisposable
{
    /// <summary>The failure code when another run holds the work folder or the ledger.</summary>
    public const string LockedCode = "Locked";

    // Neither a file lock nor another machine's ledger reports its release, so poll; at this interval polling costs next to nothing.
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(200);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private WorkLock? _lock;
    private Ledger? _ledger;

    /// <summary>The ledger, open for writing once the turn was taken.</summary>
    public Ledger Ledger => _ledger ?? throw new InvalidOperationException("It is not our turn.");

    /// <summary>Takes the turn at once if it is free.</summary>
    /// <returns>Null when the turn was taken; otherwise a notice to show before <see cref="WaitAsync"/>: that the run waits, and for whom.</returns>
    /// <exception cref="FailureException">Another run has the turn and no waiting time is set (code Locked), or the work folder or ledger cannot be
    /// used.</exception>
    public Notice? Take()
    {
        if (TryTake() is not { } held) return null;
        if (wait <= TimeSpan.Zero) throw held;
        return new Notice("WaitingForLock", held.Failure.Message, $"NasSync waits up to {Durations.Format(wait)}.");
    }

    /// <summary>Waits until the turn is taken.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False when the wait was cancelled first.</returns>
    /// <exception cref="FailureException">As <see cref="Take"/>; another run still has the turn when the time is up.</exception>
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

    /// <summary>Releases the ledger and the lock.</summary>
    public void Dispose()
    {
        _ledger?.Dispose();
        _lock?.Dispose();
    }

    // Null when the turn was taken, else the failure that names the holder.
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
