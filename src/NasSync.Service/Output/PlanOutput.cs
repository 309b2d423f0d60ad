namespace NasSync.Service.Output;

/// <summary>Shows what a run would do, from the same plan that the run executes.</summary>
internal sealed class PlanOutput(Shell shell, Action beforeWriting) : RowOutput(shell, Columns, beforeWriting)
{
    private static readonly Column[] Columns =
        [new("job", Shrinks: true), new("artifact", Shrinks: true), new("target", Shrinks: true), new("size", Right: true), new("action")];

    private int _jobs;
    private long _copies;
    private long _bytes;
    private long _adopted;
    private long _unchanged;
    private long _skipped;
    private long _failed;
    private long _removed;
    private long _cleared;

    /// <inheritdoc/>
    public override void Show(TransferEvent transferEvent)
    {
        switch (transferEvent)
        {
            case TransferEvent.Planned planned:
                _jobs++;
                foreach (var item in planned.Plan.Items) Add(item);
                foreach (
                    var artifact in planned.Plan.Items.Where(item => item.RemovesSource)
                        .Select(item => item.Artifact)
                        .Distinct(ReferenceEqualityComparer.Instance))
                    AddRemoval(planned.Manifest, (Artifact)artifact!);
                if (planned.Then is { } then) AddClearing(planned.Manifest, then);
                break;
            // The plan shows refused items already; only failures without an item are new here.
            case TransferEvent.Failed { Item: null } failed:
                _failed++;
                Add(new Row(["", failed.Subject, "", "", $"would fail: {failed.Failure.Message}"], Tone.Bad, [Cure(failed.Failure)]));
                break;
            case TransferEvent.Finished { Result: var result }:
                End(Summary(result.Stopped));
                break;
        }
    }

    private void Add(PlanItem item)
    {
        var (words, tone) = item.Action switch
        {
            PlanAction.Copy => ($"copy: {item.Reason}", Tone.Good),
            PlanAction.Adopt => (TableOutput.AlreadyThere(item), Tone.Good),
            PlanAction.Unchanged => ("unchanged", Tone.Faint),
            PlanAction.Skip => ($"skip: {item.Reason}", Tone.Warning),
            _ => ($"would fail: {item.Failure?.Message ?? item.Reason}", Tone.Bad),
        };
        Count(item);
        var size = item.Source is { } source ? Amounts.Size(source.Size) : "";
        Add(new Row(
            [item.JobId, item.Artifact.ToString(), item.Target?.Display ?? "", size, words],
            tone,
            item.Failure is { } failure ? [Cure(failure)] : null));
    }

    // Follows all of its copies: rows without a target are sorted last.
    private void AddRemoval(Manifest manifest, Artifact artifact)
    {
        _removed++;
        Add(new Row([manifest.JobId, artifact.ToString(), "", "", "then remove its source, once every copy is proven"], Tone.Warning));
    }

    private void AddClearing(Manifest manifest, string then)
    {
        _cleared++;
        Add(new Row([manifest.JobId, "", "", "", $"at last {then}, once all of it is recorded"], Tone.Warning));
    }

    private void Count(PlanItem item)
    {
        _bytes += item.BytesToSend;
        switch (item.Action)
        {
            case PlanAction.Copy: _copies++; break;
            case PlanAction.Adopt: _adopted++; break;
            case PlanAction.Unchanged: _unchanged++; break;
            case PlanAction.Skip: _skipped++; break;
            default: _failed++; break;
        }
    }

    private string Summary(bool stopped)
    {
        List<string> parts = [Amounts.Count(_jobs, "job", "jobs"), FormattableString.Invariant($"{_copies:N0} to copy ({Amounts.Size(_bytes)})")];
        if (_unchanged > 0) parts.Add(FormattableString.Invariant($"{_unchanged:N0} unchanged"));
        if (_adopted > 0) parts.Add(FormattableString.Invariant($"{_adopted:N0} already there"));
        if (_removed > 0) parts.Add($"{Amounts.Count(_removed, "source", "sources")} to remove");
        if (_cleared > 0) parts.Add($"{Amounts.Count(_cleared, "job folder", "job folders")} to clear away");
        if (_skipped > 0) parts.Add(FormattableString.Invariant($"{_skipped:N0} skipped"));
        parts.Add(FormattableString.Invariant($"{_failed:N0} would fail"));
        return $"{(stopped ? "stopped: " : "")}{string.Join(", ", parts)}; nothing was changed";
    }

    private static string Cure(Failure failure) => $"{failure.Hint} [{failure.Code}]";
}
