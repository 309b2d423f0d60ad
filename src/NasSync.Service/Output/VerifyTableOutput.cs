using NasSync.Config;

namespace NasSync.Service.Output;

/// <summary>
/// Shows a verification to people: one row for each copy that is not intact, then what a repair would do, then one line of totals. Of a long list the
/// first rows form a table and the rest is printed as it comes, so that memory stays bounded.
/// </summary>
internal sealed class VerifyTableOutput(Shell shell, LogLevel level, Action beforeWriting) : IVerifyOutput
{
    private const int RepairsShown = 200;
    private static readonly Column[] Columns =
        [
            new("job", Shrinks: true),
            new("artifact", Shrinks: true),
            new("target", Shrinks: true),
            new("size", Right: true),
            new("verified"),
            new("finding"),
        ];

    private static readonly Column[] RepairColumns = [
        new("job", Shrinks: true),
        new("artifact", Shrinks: true),
        new("target", Shrinks: true),
        new("finding"),
        new("repair"),
    ];

    private readonly List<Row> _rows = [];
    private readonly List<Row> _repairs = [];
    private TextTable? _table;
    private long _repairable;
    private long _lost;
    private long _last;
    private long _chosen;

    /// <inheritdoc/>
    public void Show(VerifyEvent verifyEvent, string? planFile, int planned)
    {
        switch (verifyEvent)
        {
            case VerifyEvent.Begun begun:
                _chosen = begun.Chosen;
                break;
            case VerifyEvent.Failed failed:
                Add(new Row(["", failed.Subject, "", "", "", $"FAILED: {failed.Failure.Message}"], Tone.Bad, [Cure(failed.Failure)]));
                break;
            case VerifyEvent.Found { Finding: var finding }:
                Add(finding);
                break;
            case VerifyEvent.Finished { Result: var result }:
                End(result, planFile, planned);
                break;
        }
    }

    /// <summary><c>1,000 copies verified (1.2 GiB read): 997 intact, 2 missing, 1 damaged in 3.4 s</c>.</summary>
    public static string Summary(VerifyResult result)
    {
        if (result.Copies == 0) return "nothing to verify: the ledger has no such copy";
        var of = result.Seed is { } seed ? FormattableString.Invariant($" of {result.Copies:N0} (seed {seed})") : "";
        var states = result.States.Select(state => FormattableString.Invariant($"{state.Value:N0} {Word(state.Key)}")).ToList();
        var looked = result.States.Values.Sum();
        var not = result.Verified == looked ? "" : FormattableString.Invariant($"{result.Verified:N0} of ");
        var count = $"{not}{Amounts.Count(looked, "copy", "copies")}";
        return $"{(result.Stopped ? "stopped: " : "")}{count}{of} verified ({Amounts.Size(result.Bytes)} read): "
            + $"{(states.Count == 0 ? "none looked at" : string.Join(", ", states))} in {Amounts.Duration(result.Elapsed)}";
    }

    private void Add(CopyFinding finding)
    {
        var tone = finding.State switch
        {
            CopyState.Intact or CopyState.Present or CopyState.Superseded => Tone.Faint,
            CopyState.Touched or CopyState.Unprovable => Tone.Warning,
            _ => Tone.Bad,
        };
        if (tone == Tone.Faint && level > LogLevel.Debug) return;
        var by = finding.VerifiedBy is { } verified ? TableOutput.Words(verified) : "";
        Add(new Row(
            [
                finding.JobId,
                finding.Artifact,
                finding.Target,
                Amounts.Size(finding.Size),
                by,
                $"{(tone == Tone.Bad ? Word(finding.State).ToUpperInvariant() : Word(finding.State))}: {finding.Reason}",
            ],
            tone,
            finding.Failure is { } failure ? [Cure(failure)] : null));
        if (!finding.IsLost) return;
        _lost++;
        if (finding.Repair != RepairKind.Impossible) _repairable++;
        if (finding.NoCopyLeft) _last++;
        if (_repairs.Count < RepairsShown)
        {
            var tells = finding.Repair == RepairKind.Impossible ? $"not possible: {finding.RepairReason}" : finding.RepairReason ?? "";
            _repairs.Add(new Row(
                [finding.JobId, finding.Artifact, finding.Target, Word(finding.State), tells],
                finding.Repair == RepairKind.Impossible ? Tone.Bad : Tone.Plain));
        }
    }

    private void Add(Row row)
    {
        if (_table is null)
        {
            _rows.Add(row);
            if (_rows.Count == RowOutput.RowsInTable) PrintTable();
            return;
        }

        beforeWriting();
        _table.WriteRow(row);
    }

    private void End(VerifyResult result, string? planFile, int planned)
    {
        beforeWriting();
        if (_table is null && _rows.Count > 0)
        {
            _rows.Sort((a, b) => string.CompareOrdinal(string.Join('\0', a.Cells), string.Join('\0', b.Cells)));
            PrintTable();
        }

        if (_table is not null) shell.Out.WriteLine();
        if (_repairs.Count > 0)
        {
            shell.Out.WriteLine($"Repair: {Amounts.Count(_repairable, "copy", "copies")} of {_lost:N0}");
            _repairs.Sort((a, b) => string.CompareOrdinal(string.Join('\0', a.Cells), string.Join('\0', b.Cells)));
            TextTable.Write(shell, RepairColumns, _repairs);
            if (_lost > _repairs.Count)
                shell.Out.WriteLine($"… and {Amounts.Count(_lost - _repairs.Count, "copy", "copies")} more; --plan and --json list every one");
            shell.Out.WriteLine(SafeText.Show(shell.Words.Of(Cure(planFile, planned))));
            shell.Out.WriteLine();
        }

        shell.Out.WriteLine(Summary(result));
        var left = _chosen - result.States.Values.Sum();
        if (result.Stopped && left > 0) shell.Out.WriteLine($"{Amounts.Count(left, "copy was", "copies were")} not looked at");
    }

    // Executing a plan without any possible repair would only fail.
    private string Cure(string? planFile, int planned)
    {
        if (_repairable == 0)
        {
            var cure = _last == _lost
                ? "No repair can make any of them again, and no intact copy is left of any: put the source or a backup of a copy back."
                : "No repair can make any of them again. Where another copy is intact, copy it back by hand; "
                    + "else put the source or a backup of the copy back.";
            return $"{cure} Then verify again."
                + (planFile is null ? "" : $" They are listed in {planFile}.");
        }

        return planFile is null
            ? "To carry it out, write it to a file: nassync verify --plan FILE, then: nassync sync --repair FILE"
            : $"{Amounts.Count(planned, "copy", "copies")} in {planFile}; to carry it out: nassync sync --repair {Failure.Quote(planFile)}";
    }

    private void PrintTable()
    {
        beforeWriting();
        _table = new TextTable(shell, Columns, _rows);
        _table.WriteHeading();
        foreach (var row in _rows) _table.WriteRow(row);
        _rows.Clear();
    }

    private static string Word(CopyState state) => state.ToString().ToLowerInvariant();

    private static string Cure(Failure failure) => $"{failure.Hint} [{failure.Code}]";
}
