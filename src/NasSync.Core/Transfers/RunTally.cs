namespace NasSync.Transfers;

/// <summary>
/// Sums a run's events up to its result. Thread-safe. A host uses its own, for a run that ends without <see cref="TransferEvent.Finished"/>.
/// </summary>
public sealed class RunTally(bool dryRun)
{
    private readonly object _gate = new();
    private SyncResult _result = new();
    private int _unchanged;

    /// <summary>Counts one event.</summary>
    public void Count(TransferEvent transferEvent)
    {
        lock (_gate)
        {
            // There is one such event for each known artifact, so they are only counted.
            if (transferEvent is TransferEvent.Skipped { Kind: SkipKind.Unchanged })
            {
                _unchanged++;
                return;
            }

            _result = transferEvent switch
            {
                TransferEvent.Planned e => Planned(e.Plan),
                TransferEvent.Committed e => _result with { Committed = _result.Committed + 1, Bytes = _result.Bytes + e.Receipt.Size },
                TransferEvent.Released => _result with { Released = _result.Released + 1 },
                TransferEvent.Skipped { Kind: SkipKind.AlreadyPresent } => _result with { AlreadyPresent = _result.AlreadyPresent + 1 },
                TransferEvent.Skipped => _result with { Skipped = _result.Skipped + 1 },
                TransferEvent.Failed e =>
                    _result with { Failed = _result.Failed + 1, ExitCode = ExitCodes.Graver(_result.ExitCode, ExitCodes.Of(e.Failure)) },
                _ => _result,
            };
        }
    }

    /// <summary>The run's result.</summary>
    public SyncResult Finish(TimeSpan elapsed, bool stopped)
    {
        lock (_gate)
        {
            var exitCode = stopped ? ExitCode.Stopped : _result.ExitCode;
            return _result with { Unchanged = _unchanged, Elapsed = elapsed, Stopped = stopped, DryRun = dryRun, ExitCode = exitCode };
        }
    }

    // A dry run ends with the plan, so the plan's items are counted.
    private SyncResult Planned(TransferPlan plan) => _result with
    {
        Manifests = _result.Manifests + 1,
        Committed = _result.Committed + (dryRun ? plan.Items.Count(item => item.Action == PlanAction.Copy) : 0),
        AlreadyPresent = _result.AlreadyPresent + (dryRun ? plan.Items.Count(item => item.Action == PlanAction.Adopt) : 0),
        Released = _result.Released + (dryRun ? Removals(plan) : 0),
        Bytes = _result.Bytes + (dryRun ? plan.BytesToSend : 0),
    };

    private static int Removals(TransferPlan plan) =>
        plan.Items.Where(item => item.RemovesSource).Select(item => item.Artifact).Distinct(ReferenceEqualityComparer.Instance).Count();
}
