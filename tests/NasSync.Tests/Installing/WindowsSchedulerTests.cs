using System.Text;
using NasSync.Installing;
using NasSync.Scheduling;
using NasSync.Tests.Support;

namespace NasSync.Tests.Installing;

public sealed class WindowsSchedulerTests : IDisposable
{
    private readonly FakeSystem _system = new();

    public void Dispose() => _system.Dispose();

    [RequiresFact("linux")]
    public async Task A_task_is_handed_over_as_a_file_in_UTF_16_that_is_gone_afterwards()
    {
        // /Create /TN name /XML file …
        _system.Answers("", $"if [ \"$1\" = /Query ]; then exit 1; fi\ncp \"$5\" '{_system.Folder["kept.xml"]}'");
        var task = Media("SYSTEM");
        await Scheduler.RegisterAsync(task, replace: false, default);
        Assert.Equal(@"[/Query][/TN][\NasSync\Media]", _system.Calls[0]);
        var create = _system.Calls[1];
        Assert.Matches(@"^\[/Create\]\[/TN\]\[\\NasSync\\Media\]\[/XML\]\[[^]]+task\.xml\]\[/F\]$", create);
        Assert.False(File.Exists(create.Split("[/XML][")[1].Split(']')[0]));
        var bytes = File.ReadAllBytes(_system.Folder["kept.xml"]);
        Assert.Equal([0xFF, 0xFE], bytes[..2]);
        Assert.Equal(task.ToXml(), Encoding.Unicode.GetString(bytes, 2, bytes.Length - 2));
    }

    [RequiresFact("linux")]
    public async Task A_managed_account_is_given_an_empty_password_so_that_nobody_is_asked()
    {
        _system.Answers("", "[ \"$1\" != /Query ]");
        await Scheduler.RegisterAsync(Media(@"CORP\nassync$"), replace: true, default);
        Assert.EndsWith(@"[/RU][CORP\nassync$][/RP][][/F]", Assert.Single(_system.Calls));
    }

    [RequiresFact("linux")]
    public async Task A_task_of_that_name_stays_unless_it_may_be_replaced()
    {
        var refused = await Assert.ThrowsAsync<FailureException>(() => Scheduler.RegisterAsync(Media("SYSTEM"), replace: false, default));
        Assert.Equal("TaskExists", refused.Failure.Code);
        Assert.DoesNotContain(_system.Calls, call => call.StartsWith("[/Create]", StringComparison.Ordinal));
    }

    [RequiresFact("linux")]
    public async Task What_Windows_refuses_is_told_in_its_words()
    {
        _system.Answers("", "echo 'ERROR: Access is denied.' >&2; exit 1");
        foreach (var work in new[]
        {
            () => Scheduler.RegisterAsync(Media("SYSTEM"), replace: true, default), () => Scheduler.UnregisterAsync(@"\NasSync\Media", default),
        })
            Assert.Contains(
                "schtasks.exe ended with 1: ERROR: Access is denied.",
                (await Assert.ThrowsAsync<FailureException>(work)).Failure.Message);
    }

    [RequiresFact("linux")]
    public async Task Tasks_of_ours_are_listed_with_their_last_result()
    {
        var xml = Media("SYSTEM").ToXml();
        _system.Folder.Write("all.xml", $"<Tasks>{xml[xml.IndexOf("<Task", StringComparison.Ordinal)..]}</Tasks>");
        _system.Answers(
            "\"HOST\",\"\\NasSync\\Media\",\"N/A\",\"Ready\",\"x\",\"1/2/2026 3:04:05 AM\",\"6\"\n",
            $"if [ \"$2\" = /XML ]; then cat '{_system.Folder["all.xml"]}'; exit 0; fi");
        var task = Assert.Single(await Scheduler.ListAsync(default));
        Assert.Equal(("Media", "at startup", "Ready", ExitCode.FailedForGood), (task.Name, task.Schedule, task.State, task.LastResult));
    }

    [RequiresFact("linux")]
    public async Task Without_the_program_the_message_names_it()
    {
        var missing = new WindowsScheduler(TimeProvider.System) { Program = _system.Folder["schtasks.exe"] };
        Assert.Equal("ProgramMissing", (await Assert.ThrowsAsync<FailureException>(() => missing.ListAsync(default))).Failure.Code);
    }

    private WindowsScheduler Scheduler => new(TimeProvider.System) { Program = _system.Program };

    private static WindowsTask Media(string account) =>
        new("Media", new SyncScript(@"C:\pwsh.exe", @"C:\NasSync.psd1", @"C:\nas-sync.yaml"), new SyncSchedule.AtStartup(), TaskAccount.Of(account));
}
