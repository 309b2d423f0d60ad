using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace NasSync.Scheduling;

/// <summary>
/// A task of the Windows Task Scheduler as XML. The format is [MS-TSCH] 2.5, the schema that the Windows documentation describes under "Task
/// Scheduler Schema". Elements of an xs:sequence are in the schema's order; those of an xs:all may have any order.
/// </summary>
/// <param name="Name">The task's name in the folder <see cref="Folder"/>.</param>
/// <param name="Script">The command to run.</param>
/// <param name="Schedule">When to run it.</param>
/// <param name="Account">The account to run it as.</param>
public sealed record WindowsTask(string Name, SyncScript Script, SyncSchedule Schedule, TaskAccount Account)
{
    /// <summary>The folder of all NasSync tasks.</summary>
    public const string Folder = @"\NasSync\";

    /// <summary>The RegistrationInfo/Source that marks a task as NasSync's.</summary>
    public const string Source = "NasSync";

    /// <summary>The XML namespace.</summary>
    public const string Namespace = "http://schemas.microsoft.com/windows/2004/02/mit/task";

    /// <summary>The longest path of a program, in characters (pathType).</summary>
    public const int LongestPath = 260;

    // Windows 10 and Server 2016, the oldest that PowerShell 7.4 supports, know this version; group managed accounts need at least 1.3.
    private const string Version = "1.4";

    // The interval counts from here. A full hour in the past makes it run from registration on, at round minutes.
    private const string Beginning = "2020-01-01T00:00:00";

    private static readonly XNamespace Ns = Namespace;

    /// <summary>The time limit of a run; zero is unlimited. Default 3 days, like the Task Scheduler's own.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromDays(3);

    /// <summary>The task's path in the Task Scheduler.</summary>
    public string Path => Folder + Name;

    /// <summary>Why a name is unusable for a task, as a sentence; null when it is usable.</summary>
    public static string? ProblemOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length is 0 or > 200) return "A task's name has 1 to 200 characters.";
        if (name != name.Trim() || name is "." or "..")
            return $"'{name}' is no name of a task: it may not begin or end with a space, nor be '.' or '..'.";
        return name.Any(c => char.IsControl(c) || @"\/:*?""<>|".Contains(c, StringComparison.Ordinal))
            ? $"{Failure.Quote(name)} is no name of a task: leave out \\ / : * ? \" < > |."
            : null;
    }

    /// <summary>The whole XML, with the declaration that <c>schtasks.exe /XML</c> requires of a UTF-16 file.</summary>
    /// <exception cref="FailureException">A task cannot express a path (class Config).</exception>
    public string ToXml()
    {
        return $"<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n{Text(new UnicodeEncoding(bigEndian: false, byteOrderMark: false))}\r\n";
    }

    /// <summary>
    /// The same XML for a caller who saves it: without an encoding declaration and in plain ASCII with character references, so that it loads in
    /// whatever encoding it is saved.
    /// </summary>
    /// <exception cref="FailureException">A task cannot express a path (class Config).</exception>
    public string ToPortableXml() => $"<?xml version=\"1.0\"?>\r\n{Text(Encoding.ASCII)}";

    private string Text(Encoding encoding)
    {
        RequirePath(Script.Program);
        using var bytes = new MemoryStream();
        var settings =
            new XmlWriterSettings { Indent = true, IndentChars = "  ", NewLineChars = "\r\n", OmitXmlDeclaration = true, Encoding = encoding };
        using (var writer = XmlWriter.Create(bytes, settings)) Document().WriteTo(writer);
        return encoding.GetString(bytes.ToArray());
    }

    private XElement Document() => new(
        Ns + "Task",
        new XAttribute("version", Version),
        new XElement(
            Ns + "RegistrationInfo",
            new XElement(Ns + "URI", Path),
            new XElement(Ns + "Source", Source),
            new XElement(Ns + "Description", $"Carries finished media to where it belongs ({Schedule}). Configuration: {Script.Config}")),
        new XElement(Ns + "Triggers", Triggers()),
        Principals(),
        Settings(),
        new XElement(
            Ns + "Actions",
            new XAttribute("Context", "Author"),
            new XElement(
                Ns + "Exec",
                new XElement(Ns + "Command", Script.Program),
                new XElement(Ns + "Arguments", WindowsArguments.Join(Script.Arguments)))));

    // 2.5.3: each trigger type extends the sequence StartBoundary, Repetition (other elements are not needed) with its own elements.
    private IEnumerable<XElement> Triggers() => Schedule switch
    {
        SyncSchedule.Every every =>
        [
            new XElement(
                Ns + "TimeTrigger",
                new XElement(Ns + "StartBoundary", Beginning),
                new XElement(Ns + "Repetition", new XElement(Ns + "Interval", Duration(every.Interval))),
                Delay("RandomDelay")),
        ],
        SyncSchedule.DailyAt daily => daily.Times.Select(time => new XElement(
            Ns + "CalendarTrigger",
            new XElement(Ns + "StartBoundary", string.Create(CultureInfo.InvariantCulture, $"2020-01-01T{time:HH:mm:ss}")),
            Delay("RandomDelay"),
            new XElement(Ns + "ScheduleByDay", new XElement(Ns + "DaysInterval", 1)))),
        SyncSchedule.AtStartup => [new XElement(Ns + "BootTrigger", Delay("Delay"))],
        SyncSchedule.AtLogOn when Account.Logon is SyncTaskLogon.Interactive or SyncTaskLogon.S4U =>
            [new XElement(Ns + "LogonTrigger", new XElement(Ns + "UserId", Account.UserId), Delay("Delay"))],
        _ => [new XElement(Ns + "LogonTrigger", Delay("Delay"))],
    };

    // 2.5.6: a service account has no LogonType; the schema has no value for it, and exported SYSTEM tasks have none either.
    private XElement Principals() => new(
        Ns + "Principals",
        new XElement(
            Ns + "Principal",
            new XAttribute("id", "Author"),
            new XElement(Ns + "UserId", Account.UserId),
            Account.Logon switch
            {
                SyncTaskLogon.Interactive => new XElement(Ns + "LogonType", "InteractiveToken"),
                SyncTaskLogon.S4U => new XElement(Ns + "LogonType", "S4U"),

                // The domain supplies the password when the task starts.
                SyncTaskLogon.GroupManaged => new XElement(Ns + "LogonType", "Password"),
                _ => null,
            },
            new XElement(Ns + "RunLevel", "LeastPrivilege")));

    // 2.5.4: by the schema's defaults a task would not start on batteries, and would stop when the machine switches to them.
    private XElement Settings() => new(
        Ns + "Settings",
        new XElement(Ns + "MultipleInstancesPolicy", "IgnoreNew"),
        new XElement(Ns + "DisallowStartIfOnBatteries", false),
        new XElement(Ns + "StopIfGoingOnBatteries", false),
        new XElement(Ns + "AllowHardTerminate", true),
        new XElement(Ns + "StartWhenAvailable", true),
        new XElement(Ns + "Enabled", true),
        new XElement(Ns + "ExecutionTimeLimit", Duration(TimeLimit)),
        new XElement(Ns + "Priority", 7));

    private XElement? Delay(string name) => Schedule.RandomDelay > TimeSpan.Zero ? new XElement(Ns + name, Duration(Schedule.RandomDelay)) : null;

    private static string Duration(TimeSpan time) => time == TimeSpan.Zero ? "PT0S" : XmlConvert.ToString(time);

    // The Task Scheduler expands %NAME% in Command, and there is no way to escape it.
    private static void RequirePath(string program)
    {
        if (program.Length is > 0 and <= LongestPath
            && !program.Contains('"', StringComparison.Ordinal)
            && !program.Contains('%', StringComparison.Ordinal))
            return;
        throw new FailureException(new Failure(
            FailureClass.Config,
            "TaskProgram",
            $"The Task Scheduler cannot start {Failure.Quote(program)}: a program's path has at most {LongestPath} characters and no %.",
            "Install PowerShell at a plain path, such as C:\\Program Files\\PowerShell\\7."));
    }
}
