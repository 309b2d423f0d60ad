using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using NasSync.Installing;

namespace NasSync.PowerShell.Completion;

/// <summary>Completes the tasks by which the system starts syncs. Only reads units; on Windows it queries the Task Scheduler.</summary>
public sealed class TaskCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var word = fakeBoundParameters?["Scope"]?.ToString();
        SyncTaskScope? scope = Enum.TryParse<SyncTaskScope>(word, ignoreCase: true, out var given) ? given : null;
        return CompletionText.Matching(Names(scope), wordToComplete).Select(Result);
    }

    private static CompletionResult Result(string name) =>
        new(CompletionText.Argument(CompletionText.Pattern(name)), name, CompletionResultType.ParameterValue, name);

    // Offers nothing on an error, which the command itself will report.
    private static List<string> Names(SyncTaskScope? scope)
    {
        try
        {
            return ListAsync(scope).GetAwaiter().GetResult();
        }
        catch (FailureException)
        {
            return [];
        }
    }

    private static async Task<List<string>> ListAsync(SyncTaskScope? scope)
    {
        if (OperatingSystem.IsWindows())
        {
            var tasks = await new WindowsScheduler(TimeProvider.System).ListAsync(default).ConfigureAwait(false);
            return [.. tasks.Select(task => task.Name)];
        }

        var names = new List<string>();
        foreach (var host in SystemdHosts.All(scope))
        {
            // Does not query systemd for states while someone types.
            var units = new SystemdInstaller(host with { IsRunning = false }, TimeProvider.System);
            names.AddRange((await units.ListAsync(default).ConfigureAwait(false)).Select(task => task.Name));
        }

        return names;
    }
}
