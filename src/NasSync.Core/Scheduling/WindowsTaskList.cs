using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace NasSync.Scheduling;

/// <summary>Parses what <c>schtasks.exe /Query</c> prints about NasSync's tasks.</summary>
internal static partial class WindowsTaskList
{
    // Columns of /FO CSV /V. Their headings are translated, their order is not.
    private const int StateColumn = 3, LastRunColumn = 5, LastResultColumn = 6;

    // SCHED_S_TASK_RUNNING and SCHED_S_TASK_HAS_NOT_RUN appear in place of an exit code.
    private const int IsRunning = 0x41301, HasNotRun = 0x41303;

    private static readonly XNamespace Ns = WindowsTask.Namespace;

    /// <summary>NasSync's tasks among all that <c>/XML ONE</c> lists.</summary>
    /// <param name="xml">The output, whose declaration may name an encoding that no longer applies to the text.</param>
    public static IReadOnlyList<SyncTask> Read(string xml)
    {
        var start = xml.IndexOf('<', StringComparison.Ordinal);
        if (start < 0) return [];
        XDocument document;
        try
        {
            document = XDocument.Parse(xml[start..]);
        }
        catch (XmlException e)
        {
            throw new FailureException(
                new Failure(
                    FailureClass.Bug,
                    "TaskListUnreadable",
                    $"The list of tasks from schtasks.exe cannot be read: {e.Message.TrimEnd('.')}.",
                    "Report it with the output of: schtasks /Query /XML ONE"),
                e);
        }

        return [.. document.Descendants(Ns + "Task").Select(Task).OfType<SyncTask>()];
    }

    /// <summary>Adds the state, which the XML does not contain.</summary>
    /// <param name="task">The task.</param>
    /// <param name="csv">The output of <c>/FO CSV /V /NH</c> for the task: one line per trigger, which agree in the columns used here.</param>
    public static SyncTask WithState(SyncTask task, string csv)
    {
        var cells = Cell().Matches(csv.Split('\n')[0]).Select(cell => cell.Groups[1].Value.Replace("\"\"", "\"", StringComparison.Ordinal)).ToList();
        if (cells.Count <= LastResultColumn) return task;
        var isNumber = int.TryParse(cells[LastResultColumn], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var result);
        var hasRun = isNumber && result is not (IsRunning or HasNotRun);
        return task with
        {
            State = cells[StateColumn],
            LastResult = hasRun ? (ExitCode)result : null,
            LastRun = hasRun && DateTimeOffset.TryParse(cells[LastRunColumn], CultureInfo.CurrentCulture, DateTimeStyles.AssumeLocal, out var time)
                ? time
                : null,
        };
    }

    private static SyncTask? Task(XElement task)
    {
        var info = task.Element(Ns + "RegistrationInfo");
        if (info?.Element(Ns + "Source")?.Value != WindowsTask.Source || info.Element(Ns + "URI")?.Value is not { } path) return null;
        var described = Described().Match(info.Element(Ns + "Description")?.Value ?? "");
        return new SyncTask
        {
            Name = path[(path.LastIndexOf('\\') + 1)..],
            Path = path,
            Schedule = described.Success ? described.Groups[1].Value : "as someone changed it",
            Config = described.Success ? described.Groups[2].Value : null,
        };
    }

    // Matches the description that WindowsTask writes.
    [GeneratedRegex(@"\(([^)]*)\)\. Configuration: (.+)$")]
    private static partial Regex Described();

    // A quote within a cell is doubled.
    [GeneratedRegex("\"((?:[^\"]|\"\")*)\"")]
    private static partial Regex Cell();
}
