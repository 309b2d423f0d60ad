using System.Text;
using NasSync.Processes;
using NasSync.Scheduling;

namespace NasSync.Installing;

/// <summary>The Windows Task Scheduler, through <c>schtasks.exe</c>.</summary>
/// <param name="time">The clock.</param>
public sealed class WindowsScheduler(TimeProvider time)
{
    /// <summary>The program. Default: the one in the PATH.</summary>
    public string Program { get; init; } = "schtasks.exe";

    /// <summary>Registers a task.</summary>
    /// <param name="task">The task.</param>
    /// <param name="replace">Whether it may replace a task of the same name.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    /// <exception cref="FailureException">A task of that name exists, or Windows refused.</exception>
    public async Task RegisterAsync(WindowsTask task, bool replace, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(task);
        var xml = task.ToXml();
        if (!replace && (await RunAsync(["/Query", "/TN", task.Path], cancellationToken).ConfigureAwait(false)).ExitCode == 0)
        {
            throw new FailureException(new Failure(
                FailureClass.Conflict, "TaskExists", $"There is a task {task.Path} already.", "Choose another name, or give -Force to replace it."));
        }

        var folder = Directory.CreateTempSubdirectory("nassync-");
        try
        {
            var file = Path.Combine(folder.FullName, "task.xml");
            await File.WriteAllTextAsync(
                file,
                xml,
                new UnicodeEncoding(bigEndian: false, byteOrderMark: true),
                cancellationToken).ConfigureAwait(false);

            // The domain knows a managed account's password; passing an empty one keeps schtasks from prompting.
            string[] password = task.Account.Logon == SyncTaskLogon.GroupManaged ? ["/RU", task.Account.UserId, "/RP", ""] : [];
            var result = await RunAsync(["/Create", "/TN", task.Path, "/XML", file, .. password, "/F"], cancellationToken).ConfigureAwait(false);
            if (result.ExitCode != 0) throw Refused("registered", task.Path, result);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The tasks that NasSync registered.</summary>
    public async Task<IReadOnlyList<SyncTask>> ListAsync(CancellationToken cancellationToken)
    {
        var all = await RunAsync(["/Query", "/XML", "ONE"], cancellationToken).ConfigureAwait(false);
        if (all.ExitCode != 0) throw Refused("listed", WindowsTask.Folder, all);
        var tasks = new List<SyncTask>();
        foreach (var task in WindowsTaskList.Read(all.Output))
        {
            var state = await RunAsync(["/Query", "/TN", task.Path, "/FO", "CSV", "/V", "/NH"], cancellationToken).ConfigureAwait(false);
            tasks.Add(state.ExitCode == 0 ? WindowsTaskList.WithState(task, state.Output) : task);
        }

        return tasks;
    }

    /// <summary>Removes a task; a run in progress continues.</summary>
    /// <param name="path">The task's path in the Task Scheduler.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    /// <exception cref="FailureException">Windows refused.</exception>
    public async Task UnregisterAsync(string path, CancellationToken cancellationToken)
    {
        var result = await RunAsync(["/Delete", "/TN", path, "/F"], cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0) throw Refused("removed", path, result);
    }

    // A console program writes to a pipe in the console's code page.
    private Task<ProgramResult> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) => ProgramResult.RunAsync(
        new ChildCommand(Program, arguments), OperatingSystem.IsWindows() ? Console.OutputEncoding : Encoding.UTF8, time, cancellationToken);

    private static FailureException Refused(string what, string path, ProgramResult result) => new(new Failure(
        FailureClass.Permission,
        "SystemRefused",
        $"The task {path} was not {what}; schtasks.exe ended with {result.ExitCode}: {result.Said}.",
        "Run PowerShell as administrator; for another account than your own that is always needed."));
}
