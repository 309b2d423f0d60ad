using System.Xml.Linq;
using NasSync.Scheduling;
using NasSync.Tests.Support;

namespace NasSync.Tests.Scheduling;

public sealed class WindowsTaskTests
{
    private static readonly XNamespace Ns = WindowsTask.Namespace;
    private static readonly TaskAccount Managed = TaskAccount.Of(@"CORP\nassync$");
    private static readonly TaskAccount Me = new(@"STUDIO\ada", SyncTaskLogon.Interactive);

    private static readonly SyncScript Script = new(
        @"C:\Program Files\PowerShell\7\pwsh.exe",
        @"C:\Program Files\PowerShell\Modules\NasSync\0.1.0\NasSync.psd1",
        @"D:\Ada's & Bo's Wörk\nas-sync.yaml");

    public static TheoryData<string, SyncSchedule, TaskAccount> Tasks => new()
    {
        { "every-gmsa", new SyncSchedule.Every(TimeSpan.FromMinutes(15)) { RandomDelay = TimeSpan.FromSeconds(90) }, Managed },
        { "daily-s4u", new SyncSchedule.DailyAt([new(2, 30), new(14, 30)]), TaskAccount.Of(@"STUDIO\bo") },
        { "startup-system", new SyncSchedule.AtStartup { RandomDelay = TimeSpan.FromMinutes(2) }, TaskAccount.Of("SYSTEM") },
        { "logon-interactive", new SyncSchedule.AtLogOn(), Me },
    };

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Each_kind_of_task_is_the_text_that_was_looked_at(string name, SyncSchedule schedule, TaskAccount account) =>
        Golden.Check($"Scheduling/Golden/{name}.xml", new WindowsTask("Media to NAS", Script, schedule, account).ToXml());

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Each_kind_of_task_obeys_the_published_schema(string name, SyncSchedule schedule, TaskAccount account)
    {
        Assert.NotEmpty(name);
        Assert.Empty(TaskSchema.Problems(new WindowsTask("Media to NAS", Script, schedule, account).ToXml()));
    }

    [Fact]
    public void The_rules_see_a_wrong_order_a_missing_element_and_a_wrong_value()
    {
        var xml = new WindowsTask("x", Script, new SyncSchedule.Every(TimeSpan.FromMinutes(5)) { RandomDelay = TimeSpan.FromMinutes(1) }, Me).ToXml();
        var task = XDocument.Parse(xml[xml.IndexOf("<Task", StringComparison.Ordinal)..]);
        var start = task.Descendants(Ns + "StartBoundary").Single();
        start.Remove();
        task.Descendants(Ns + "TimeTrigger").Single().Add(start);
        task.Descendants(Ns + "Command").Remove();
        task.Descendants(Ns + "Interval").Single().Value = "PT30S";
        Assert.Equal(
            ["Exec lacks Command", "Interval has the value 'PT30S'", "TimeTrigger has its elements out of order"],
            TaskSchema.Problems(task.ToString()).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("SYSTEM", "S-1-5-18", SyncTaskLogon.ServiceAccount)]
    [InlineData(@"NT AUTHORITY\LOCAL SERVICE", "S-1-5-19", SyncTaskLogon.ServiceAccount)]
    [InlineData("networkservice", "S-1-5-20", SyncTaskLogon.ServiceAccount)]
    [InlineData("S-1-5-18", "S-1-5-18", SyncTaskLogon.ServiceAccount)]
    [InlineData(@"CORP\nassync$", @"CORP\nassync$", SyncTaskLogon.GroupManaged)]
    [InlineData(@"CORP\ada", @"CORP\ada", SyncTaskLogon.S4U)]
    public void An_account_is_logged_on_as_its_name_tells(string name, string id, SyncTaskLogon logon) =>
        Assert.Equal(new TaskAccount(id, logon), TaskAccount.Of(name));

    [Theory]
    [InlineData(SyncTaskLogon.Interactive, "InteractiveToken")]
    [InlineData(SyncTaskLogon.S4U, "S4U")]
    [InlineData(SyncTaskLogon.GroupManaged, "Password")]
    [InlineData(SyncTaskLogon.ServiceAccount, null)]
    public void Each_way_to_log_on_has_its_word(SyncTaskLogon logon, string? word)
    {
        var xml = new WindowsTask("x", Script, new SyncSchedule.AtStartup(), new("someone", logon)).ToXml();
        Assert.Equal(
            word, XDocument.Parse(xml[xml.IndexOf("<Task", StringComparison.Ordinal)..]).Descendants(Ns + "LogonType").SingleOrDefault()?.Value);
    }

    [Fact]
    public void A_run_may_take_as_long_as_it_is_let_and_zero_is_for_ever()
    {
        var task = new WindowsTask("x", Script, new SyncSchedule.AtStartup(), Me);
        Assert.Contains("<ExecutionTimeLimit>P3D</ExecutionTimeLimit>", task.ToXml());
        Assert.Contains("<ExecutionTimeLimit>PT0S</ExecutionTimeLimit>", (task with { TimeLimit = TimeSpan.Zero }).ToXml());
    }

    [Theory]
    [InlineData(@"C:\%PSHOME%\pwsh.exe")]
    [InlineData("")]
    public void A_program_that_cannot_be_named_is_refused(string program) =>
        Assert.Equal("TaskProgram", Assert.Throws<FailureException>(() =>
            new WindowsTask("x", Script with { Program = program }, new SyncSchedule.AtStartup(), Me).ToXml()).Failure.Code);

    [Theory]
    [InlineData("NasSync", true)]
    [InlineData("Media to NAS (Ada's)", true)]
    [InlineData("", false)]
    [InlineData(@"a\b", false)]
    [InlineData(" a", false)]
    [InlineData("..", false)]
    [InlineData("a\nb", false)]
    public void A_name_is_one_name_in_our_folder(string name, bool isOne) => Assert.Equal(isOne, WindowsTask.ProblemOf(name) is null);

    [Fact]
    public void What_is_written_is_read_back_from_the_list_of_all_tasks()
    {
        var ours = new WindowsTask("Media to NAS", Script, new SyncSchedule.Every(TimeSpan.FromMinutes(15)), Managed).ToXml();
        var body = ours[ours.IndexOf("<Task", StringComparison.Ordinal)..];
        var other = body.Replace("<Source>NasSync</Source>", "<Source>Someone</Source>", StringComparison.Ordinal);
        var task = Assert.Single(WindowsTaskList.Read($"<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n<Tasks>\r\n<!-- \\x -->\r\n"
            + $"{other}<!-- \\y -->\r\n{body}</Tasks>\r\n"));
        Assert.Equal(("Media to NAS", @"\NasSync\Media to NAS", "every 15m", Script.Config), (task.Name, task.Path, task.Schedule, task.Config));
        Assert.Empty(WindowsTaskList.Read("INFO: there are no scheduled tasks"));
    }

    [Theory]
    [InlineData("\"7\"", 7)]
    [InlineData("\"0\"", 0)]
    [InlineData("\"267009\"", null)]
    [InlineData("\"267011\"", null)]
    [InlineData("\"\"", null)]
    public void The_last_result_is_the_exit_code_of_the_run_if_there_was_one(string result, int? code)
    {
        var task = new SyncTask { Name = "x", Schedule = "every 15m", Path = @"\NasSync\x" };
        var read = WindowsTaskList.WithState(
            task, $"\"HOST\",\"\\NasSync\\x\",\"N/A\",\"Bereit\",\"Interactive only\",\"{DateTime.UnixEpoch.AddYears(50)}\",{result},\"N/A\"\r\n");
        Assert.Equal("Bereit", read.State);
        Assert.Equal((ExitCode?)code, read.LastResult);
        Assert.Equal(code is not null, read.LastRun is not null);
        Assert.Equal(task, WindowsTaskList.WithState(task, "ERROR"));
    }

    [Fact]
    public void A_quote_within_a_cell_is_doubled_and_ends_no_cell()
    {
        var task = new SyncTask { Name = "x", Schedule = "every 15m", Path = @"\NasSync\x" };
        var read = WindowsTaskList.WithState(
            task,
            "\"HOST\",\"\\NasSync\\x\",\"N/A\",\"\"\"Bereit\"\", sagt er\",\"Interactive only\",\"N/A\",\"7\",\"N/A\"\r\n");
        Assert.Equal(("\"Bereit\", sagt er", (ExitCode?)7), (read.State, read.LastResult));
    }
}
