namespace NasSync.Service.Output;

/// <summary>
/// A table of items for people. Up to <see cref="RowsInTable"/> rows are formatted as one table at the end of the run; a longer run prints the first
/// rows as soon as there are that many, and then only failures, so that memory stays bounded and the screen readable.
/// </summary>
internal abstract class RowOutput(Shell shell, Column[] columns, Action beforeWriting) : IRunOutput
{
    /// <summary>The number of rows that are shown in full.</summary>
    public const int RowsInTable = 200;

    private readonly List<Row> _rows = [];
    private TextTable? _table;
    private long _unlisted;

    /// <inheritdoc/>
    public abstract void Show(TransferEvent transferEvent);

    /// <summary>Adds a row; a bad one is printed however many came before it.</summary>
    protected void Add(Row row)
    {
        if (_table is null)
        {
            _rows.Add(row);
            if (_rows.Count == RowsInTable) PrintTable();
        }
        else if (row.Tone == Tone.Bad)
        {
            beforeWriting();
            _table.WriteRow(row);
        }
        else
        {
            _unlisted++;
        }
    }

    /// <summary>Whether only bad rows are still printed; the caller counts the others and need not create them.</summary>
    protected bool ListsOnlyBadRows => _table is not null;

    /// <summary>Counts a row that is not printed.</summary>
    protected void CountUnlisted() => _unlisted++;

    /// <summary>Prints the remaining rows, then the summary.</summary>
    protected void End(string summary)
    {
        beforeWriting();
        // Items end in any order, but readers of a whole table look for a job.
        if (_table is null) _rows.Sort(ByJobAndArtifact);
        if (_table is null && _rows.Count > 0) PrintTable();
        if (_unlisted > 0) shell.Out.WriteLine($"… and {Amounts.Count(_unlisted, "item", "items")} more without failure; --json lists every one");
        if (_table is not null) shell.Out.WriteLine();
        shell.Out.WriteLine(summary);
    }

    private static int ByJobAndArtifact(Row a, Row b)
    {
        // An unreadable manifest has no job; its row comes last, next to the summary.
        var jobs = (a.Cells[0].Length == 0).CompareTo(b.Cells[0].Length == 0);
        if (jobs == 0) jobs = string.CompareOrdinal(a.Cells[0], b.Cells[0]);
        if (jobs != 0) return jobs;
        // A row without an artifact concerns the job's folder; it follows the job's artifacts.
        var artifacts = (a.Cells[1].Length == 0).CompareTo(b.Cells[1].Length == 0);
        if (artifacts == 0) artifacts = string.CompareOrdinal(a.Cells[1], b.Cells[1]);
        if (artifacts != 0) return artifacts;
        // A row without a target concerns the source; it follows the artifact's copies.
        var targets = (a.Cells[2].Length == 0).CompareTo(b.Cells[2].Length == 0);
        return targets != 0 ? targets : string.CompareOrdinal(a.Cells[2], b.Cells[2]);
    }

    private void PrintTable()
    {
        beforeWriting();
        _table = new TextTable(shell, columns, _rows);
        _table.WriteHeading();
        foreach (var row in _rows) _table.WriteRow(row);
        _rows.Clear();
    }
}
