using System.Text;

namespace NasSync.Service.Output;

/// <summary>One column of a <see cref="TextTable"/>.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Right">Right-aligned, for numbers.</param>
/// <param name="Shrinks">May be shortened in the middle when the terminal is too narrow.</param>
internal sealed record Column(string Title, bool Right = false, bool Shrinks = false);

/// <summary>The outcome of a row, which decides the colour of its last cell on a terminal with colours.</summary>
internal enum Tone
{
    /// <summary>No colour.</summary>
    Plain,

    /// <summary>It was done.</summary>
    Good,

    /// <summary>There was nothing to do.</summary>
    Faint,

    /// <summary>A person may want to look.</summary>
    Warning,

    /// <summary>A person must act.</summary>
    Bad,
}

/// <summary>One row: a cell per column, and indented lines that follow it.</summary>
internal sealed record Row(string[] Cells, Tone Tone = Tone.Plain, string[]? Notes = null);

/// <summary>
/// Columns separated by blanks, as <c>ps</c> and <c>kubectl</c> print them: readable, and easy to cut with other tools. The last column is never
/// padded or shortened, so a long message stays whole. Cells are escaped here and nowhere else.
/// </summary>
internal sealed class TextTable
{
    private const string Gap = "  ";
    private const int LeastShrunk = 10;
    private const int LastColumnsShare = 24;
    private readonly Column[] _columns;
    private readonly int[] _widths;
    private readonly Shell _shell;

    /// <summary>Measures the rows; later rows are set in the same columns.</summary>
    public TextTable(Shell shell, Column[] columns, IReadOnlyList<Row> rows)
    {
        _shell = shell;
        _columns = columns;
        _widths = [.. columns.Select(column => column.Title.Length)];
        foreach (var row in rows)
        {
            // A failure's long message exceeds the edge anyway, so the columns before it need not make room.
            var measured = row.Tone == Tone.Bad ? _widths.Length - 1 : _widths.Length;
            for (var i = 0; i < measured; i++) _widths[i] = Math.Max(_widths[i], Cells.Width(SafeText.Show(row.Cells[i])));
        }

        if (shell.Width is { } width) Shrink(width);
    }

    /// <summary>Writes a whole table with its heading; writes nothing without rows.</summary>
    public static void Write(Shell shell, Column[] columns, IReadOnlyList<Row> rows)
    {
        if (rows.Count == 0) return;
        var table = new TextTable(shell, columns, rows);
        table.WriteHeading();
        foreach (var row in rows) table.WriteRow(row);
    }

    /// <summary>Writes the column titles.</summary>
    public void WriteHeading() => _shell.Out.WriteLine(Line([.. _columns.Select(column => column.Title.ToUpperInvariant())], Tone.Plain));

    /// <summary>Writes one row and its notes.</summary>
    public void WriteRow(Row row)
    {
        _shell.Out.WriteLine(Line(row.Cells, row.Tone));
        foreach (var note in row.Notes ?? []) _shell.Out.WriteLine("    " + SafeText.Show(_shell.Words.Of(note)));
    }

    private string Line(string[] cells, Tone tone)
    {
        var line = new StringBuilder();
        for (var i = 0; i < cells.Length; i++)
        {
            var cell = SafeText.Show(cells[i].Length == 0 ? "-" : i == cells.Length - 1 ? _shell.Words.Of(cells[i]) : cells[i]);
            if (i == cells.Length - 1)
            {
                line.Append(Coloured(cell, tone));
                break;
            }

            if (_shell.Width is not null && _columns[i].Shrinks) cell = Cells.Shorten(cell, _widths[i]);
            line.Append(Cells.Pad(cell, _widths[i], _columns[i].Right)).Append(Gap);
        }

        return line.ToString();
    }

    private void Shrink(int terminal)
    {
        var last = Math.Min(_widths[^1], LastColumnsShare);
        var over = _widths[..^1].Sum(width => width + Gap.Length) + last - terminal;
        for (; over > 0; over--)
        {
            var widest = -1;
            for (var i = 0; i < _widths.Length - 1; i++)
                if (_columns[i].Shrinks && _widths[i] > LeastShrunk && (widest < 0 || _widths[i] > _widths[widest])) widest = i;
            if (widest < 0) return;
            _widths[widest]--;
        }
    }

    private string Coloured(string text, Tone tone)
    {
        var code = tone switch { Tone.Good => "32", Tone.Faint => "2", Tone.Warning => "33", Tone.Bad => "31", _ => null };
        return code is null || !_shell.Colours ? text : $"\u001b[{code}m{text}\u001b[0m";
    }
}
