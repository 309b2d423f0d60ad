namespace NasSync.Service.Output;

/// <summary>
/// A table of items for people. Up to <see cref="RowsInTable"/> rows are set as one table when the run ends; of a longer run the first ones
/// are printed as soon as they are there and then only failures, so that memory stays bounded and the screen readable.
/// </summary>
internal abstract class RowOutput(Shell shell, Column[] columns, Action beforeWriting) : IRunOutput
{
    /// <summary>Rows that are shown in full.</summary>
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

    /// <summary>Whether only bad rows are printed any more; the others are to be counted, and need not be made.</summary>
    protected bool ListsOnlyBadRows => _table is not null;

    /// <summary>Counts a row that is not printed.</summary>
    protected void CountUnlisted() => _unlisted++;

    /// <summary>Prints what is still to be printed, then the summary.</summary>
    protected void End(string summary)
    {
        beforeWriting();
        // Items end in any order; who reads a whole table looks for a job.
        if (_table is null) _rows.Sort(ByJobAndArtifact);
        if (_table is null && _rows.Count > 0) PrintTable();
        if (_unlisted > 0) shell.Out.WriteLine($"… and {Amounts.Count(_unlisted, "item", "items")} more without failure; --json lists every one");
        if (_table is not null) shell.Out.WriteLine();
        shell.Out.WriteLine(summary);
    }

    private static int ByJobAndArtifact(Row a, Row b)
    {
        // A manifest that could not be read has no job; it stands last, next to the summary.
        var jobs = (a.Cells[0].Length == 0).CompareTo(b.Cells[0].Length == 0);
        if (jobs == 0) jobs = string.CompareOrdinal(a.Cells[0], b.Cells[0]);
        if (jobs != 0) return jobs;
        // A row without artifact says what became of the job's folder, after everything in it.
        var artifacts = (a.Cells[1].Length == 0).CompareTo(b.Cells[1].Length == 0);
        if (artifacts == 0) artifacts = string.CompareOrdinal(a.Cells[1], b.Cells[1]);
        if (artifacts != 0) return artifacts;
        // A row without target says what became of the source, after all its copies.
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
