namespace NasSync.Transfers;

/// <summary>
/// Counts a run's events into its result. Safe to call from every thread of the run. A host counts too, for the run that breaks off before
/// <see cref="TransferEvent.Finished"/>.
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
            // Of these there are as many as artifacts are known, so no result is made for each.
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

    /// <summary>What the run comes to.</summary>
    public SyncResult Finish(TimeSpan elapsed, bool stopped)
    {
        lock (_gate)
        {
            var exitCode = stopped ? ExitCode.Stopped : _result.ExitCode;
            return _result with { Unchanged = _unchanged, Elapsed = elapsed, Stopped = stopped, DryRun = dryRun, ExitCode = exitCode };
        }
    }

    // In a dry run the plan is the end of it, so the plan is what is counted.
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
