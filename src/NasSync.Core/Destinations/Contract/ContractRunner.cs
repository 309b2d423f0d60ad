using System.Runtime.CompilerServices;

namespace NasSync.Destinations.Contract;

/// <summary>
/// Runs the contract at a place, each case in its own folder below <c>.nassync-contract-…</c>, and always removes these folders again. Empty folders
/// remain where folders outlive their files and the destination does not implement <see cref="IRemovesFolders"/>.
/// </summary>
internal sealed class ContractRunner(TimeProvider time)
{
    private static readonly TimeSpan CaseLimit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan ClearLimit = TimeSpan.FromMinutes(1);

    /// <summary>Runs all cases one after the other and yields each result as soon as its case has ended.</summary>
    /// <exception cref="FailureException">The place cannot be probed, became unreachable or is full, so its promises cannot be tested.</exception>
    public IAsyncEnumerable<ContractResult> RunAsync(IDestination destination, CancellationToken cancellationToken) =>
        RunAsync(destination, DestinationContract.Cases, cancellationToken);

    /// <summary>Runs the given cases.</summary>
    /// <inheritdoc cref="RunAsync(IDestination, CancellationToken)" path="/exception"/>
    public async IAsyncEnumerable<ContractResult> RunAsync(
        IDestination destination, IEnumerable<ContractCase> cases, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var can = await destination.ProbeAsync(cancellationToken).ConfigureAwait(false);
        var top = RelativePath.Parse($".nassync-contract-{Guid.NewGuid():N}"[..26]);
        try
        {
            var number = 0;
            foreach (var contractCase in cases)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var place = new ContractPlace(destination, top.Combine(RelativePath.Parse($"{++number}")), can);
                var (result, failure) = await RunAsync(contractCase, place, cancellationToken).ConfigureAwait(false);
                yield return result;
                if (failure is { Class: FailureClass.NoSpace }) throw new FailureException(failure);
                if (result.Outcome == ContractOutcome.Failed) await RequireAsync(destination, top, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            if (destination is IRemovesFolders folders) await RemoveAsync(folders, top).ConfigureAwait(false);
            if (destination is IRemovesVersions versions) await ForgetAsync(versions, top).ConfigureAwait(false);
        }
    }

    // At a place that is unreachable or refuses the login, every remaining case would fail, each after a slow attempt.
    private static async Task RequireAsync(IDestination destination, RelativePath top, CancellationToken cancellationToken)
    {
        try
        {
            await destination.StatAsync(top, cancellationToken).ConfigureAwait(false);
        }
        catch (FailureException e) when (e.Failure.Class is not (FailureClass.Unavailable or FailureClass.Auth))
        {
            // The place answers; its verdict on the folder does not matter here.
        }
    }

    private async Task<(ContractResult Result, Failure? Failure)> RunAsync(
        ContractCase contractCase,
        ContractPlace place,
        CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var (outcome, detail, failure) = await TryAsync(contractCase, place, cancellationToken).ConfigureAwait(false);
        if (await ClearAsync(place).ConfigureAwait(false) is { } left)
            (outcome, detail) = (ContractOutcome.Failed, detail is null ? left : $"{detail}; {left}");
        return (new ContractResult
        {
            Group = contractCase.Group,
            Name = contractCase.Name,
            Outcome = outcome,
            Detail = detail,
            Elapsed = time.GetElapsedTime(start),
        }, failure);
    }

    private async Task<(ContractOutcome Outcome, string? Detail, Failure? Failure)> TryAsync(
        ContractCase contractCase, ContractPlace place, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(CaseLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await contractCase.Run(place, either.Token).ConfigureAwait(false);
            return (ContractOutcome.Passed, place.Remark, null);
        }
        catch (NotApplicableException e)
        {
            return (ContractOutcome.NotApplicable, e.Message, null);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return (ContractOutcome.Failed, "stopped", null);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return (ContractOutcome.Failed, $"it did not end within {CaseLimit.TotalMinutes:0} minutes", null);
        }
#pragma warning disable CA1031 // Whatever a destination throws is the case's result; the other cases are still run.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return (ContractOutcome.Failed, Why(e), (e as FailureException)?.Failure);
        }
    }

    // Clears even when the caller's token has ended the run.
    private async Task<string?> ClearAsync(ContractPlace place)
    {
        using var limit = new CancellationTokenSource(ClearLimit, time);
        try
        {
            await place.ClearAsync(limit.Token).ConfigureAwait(false);
            return null;
        }
#pragma warning disable CA1031 // As above; what stays is said.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return $"not everything in {place.Folder} could be removed: {Why(e)}";
        }
    }

    private async Task ForgetAsync(IRemovesVersions versions, RelativePath top)
    {
        using var limit = new CancellationTokenSource(ClearLimit, time);
        try
        {
            await versions.RemoveVersionsAsync(top, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FailureException or OperationCanceledException)
        {
            // Old versions of a test file do no harm, and the cases already have their results.
        }
    }

    private async Task RemoveAsync(IRemovesFolders folders, RelativePath top)
    {
        using var limit = new CancellationTokenSource(ClearLimit, time);
        try
        {
            await folders.RemoveEmptyFolderAsync(top, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FailureException or OperationCanceledException)
        {
            // The last case has reported the trouble, and an empty folder does no harm.
        }
    }

    private static string Why(Exception e) => e switch
    {
        ContractBrokenException => e.Message,
        FailureException { Failure: var failure } => $"{failure.Message} {failure.Hint} [{failure.Class}, {failure.Code}]",
        _ => $"unexpected {e.GetType().Name}: {e.Message}",
    };
}
