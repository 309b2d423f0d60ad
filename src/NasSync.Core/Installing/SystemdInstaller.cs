using System.Text;
using NasSync.Files;
using NasSync.Processes;
using NasSync.Scheduling;

namespace NasSync.Installing;

/// <summary>Installs units for systemd, and removes them.</summary>
/// <param name="host">The systemd.</param>
/// <param name="time">The clock.</param>
public sealed class SystemdInstaller(SystemdHost host, TimeProvider time)
{
    private readonly UnitFolder _folder = new(host.UnitFolder);

    /// <summary>Called for each step after it was done, or, with <see cref="DryRun"/>, would be done. Default: does nothing.</summary>
    public Action<InstallStep> Tell { get; init; } = _ => { };

    /// <summary>True only reports what would be done. Default false.</summary>
    public bool DryRun { get; init; }

    /// <summary>
    /// Writes the units, enables them and, if asked, starts them. Where systemd does not run, only writes them and reports the remaining commands.
    /// Creates missing folders for work and log and gives them to the account.
    /// </summary>
    /// <exception cref="FailureException">A file there is not NasSync's, something may not be written, or systemd refused. Written files
    /// stay.</exception>
    public async Task InstallAsync(SystemdUnits units, bool start, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(units);
        var files = units.Build();

        // Check before anything is changed, because a single foreign file stops the installation.
        var there = files.Select(file => _folder.Read(file.Name)).ToList();
        var leftTimer = units.Schedule is null && _folder.Read($"{units.Name}.timer") is not null ? $"{units.Name}.timer" : null;
        foreach (var folder in host.MakesFolders ? OwnFolders(units) : [])
            await MakeFolderAsync(folder, units, cancellationToken).ConfigureAwait(false);
        if (leftTimer is not null) await RemoveAsync([leftTimer], cancellationToken).ConfigureAwait(false);
        foreach (var (file, before) in files.Zip(there)) Write(file, before);
        await StartAsync(units.Enabled, start, isNew: there.TrueForAll(text => text is null), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops and removes the units of a name.</summary>
    /// <returns>False when there were none.</returns>
    /// <exception cref="FailureException">A file there is not NasSync's, or may not be removed.</exception>
    public async Task<bool> UninstallAsync(string name, CancellationToken cancellationToken)
    {
        var units = new[] { $"{name}.timer", $"{name}.service" }.Where(unit => _folder.Read(unit) is not null).ToList();
        if (units.Count == 0) return false;
        await RemoveAsync(units, cancellationToken).ConfigureAwait(false);
        if (host.IsRunning) await SystemctlAsync(["daemon-reload"], cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>The tasks that NasSync's units define, with what systemd knows of their last run.</summary>
    public async Task<IReadOnlyList<SyncTask>> ListAsync(CancellationToken cancellationToken)
    {
        var units = _folder.Ours();
        var tasks = new List<SyncTask>();
        foreach (var unit in units)
        {
            var name = Path.GetFileNameWithoutExtension(unit.Name);
            if (unit.Name.EndsWith(".service", StringComparison.Ordinal) && units.Any(other => other.Name == $"{name}.timer")) continue;
            var task = new SyncTask
            {
                Name = name,
                Schedule = UnitFile.Own(unit.Text, "Schedule") ?? "as someone changed it",
                Config = UnitFile.Own(unit.Text, "Config") is { Length: > 0 } config ? config : null,
                Path = _folder.PathOf(unit.Name),
                Scope = host.Scope,
            };
            tasks.Add(host.IsRunning ? await WithStateAsync(task, unit.Name, cancellationToken).ConfigureAwait(false) : task);
        }

        return tasks;
    }

    private static IEnumerable<string> OwnFolders(SystemdUnits units) =>
        new[] { units.Config.WorkDir, Path.GetDirectoryName(units.Config.LogFile), Path.GetDirectoryName(units.Config.DebugLog) }.OfType<string>()
            .Where(folder => !Directory.Exists(folder))
            .Distinct(StringComparer.Ordinal);

    private async Task MakeFolderAsync(string folder, SystemdUnits units, CancellationToken cancellationToken)
    {
        if (!DryRun)
        {
            try
            {
                Folders.CreateDurably(folder);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new FailureException(Failures.SystemFailure.FromException(e, "make", folder), e);
            }
        }

        Tell(new(InstallAction.Made, folder));
        if (units.Scope == SyncTaskScope.System && units.RunAs is { } owner && owner != Environment.UserName)
            await RunAsync(new("chown", [$"{owner}:", folder]), cancellationToken).ConfigureAwait(false);
    }

    private void Write(UnitFile file, string? before)
    {
        var action = before is null ? InstallAction.Wrote : before == file.Text ? InstallAction.Unchanged : InstallAction.Replaced;
        if (!DryRun && action != InstallAction.Unchanged) _folder.Write(file);
        Tell(new(action, _folder.PathOf(file.Name)));
    }

    private async Task StartAsync(string unit, bool start, bool isNew, CancellationToken cancellationToken)
    {
        string[][] commands =
        [
            ["daemon-reload"],
            start && isNew ? ["enable", "--now", unit] : ["enable", unit],

            // A running service keeps its old definition until it is restarted.
            .. start && !isNew ? new string[][] { ["restart", unit] } : [],
        ];
        foreach (var command in commands)
        {
            if (host.IsRunning) await SystemctlAsync(command, cancellationToken).ConfigureAwait(false);
            else Tell(new(InstallAction.ToRun, Shown(host.Systemctl, host.Words(command))));
        }

        if (!start) Tell(new(InstallAction.ToRun, Shown(host.Systemctl, host.Words("start", unit))));
    }

    private async Task RemoveAsync(IReadOnlyList<string> units, CancellationToken cancellationToken)
    {
        if (host.IsRunning) await SystemctlAsync(["disable", "--now", .. units], cancellationToken).ConfigureAwait(false);
        foreach (var unit in units)
        {
            if (!DryRun) _folder.Remove(unit);
            Tell(new(InstallAction.Removed, _folder.PathOf(unit)));
        }
    }

    private Task SystemctlAsync(IReadOnlyList<string> words, CancellationToken cancellationToken) =>
        RunAsync(new(host.Systemctl, host.Words(words)), cancellationToken);

    private async Task RunAsync(ChildCommand command, CancellationToken cancellationToken)
    {
        if (!DryRun
            && await ProgramResult.RunAsync(command, Encoding.UTF8, time, cancellationToken).ConfigureAwait(false) is { ExitCode: not 0 } failed)
        {
            var line = Shown(command.Program, command.Arguments);
            throw new FailureException(new Failure(
                FailureClass.Permission,
                "SystemRefused",
                $"'{line}' ended with {failed.ExitCode}: {failed.Said}.",
                host.Scope == SyncTaskScope.User
                    ? "Run it by hand to see more; a user's systemd runs only in a login of that user."
                    : "Run it by hand as root to see more, and look into: journalctl -xe"));
        }

        Tell(new(InstallAction.Ran, Shown(command.Program, command.Arguments)));
    }

    private async Task<SyncTask> WithStateAsync(SyncTask task, string unit, CancellationToken cancellationToken)
    {
        var words = host.Words(
            "show",
            "--timestamp=unix",
            "--property=ActiveState,ExecMainCode,ExecMainStatus,ExecMainExitTimestamp",
            unit,
            $"{task.Name}.service");
        var shown = await ProgramResult.RunAsync(new(host.Systemctl, words), Encoding.UTF8, time, cancellationToken).ConfigureAwait(false);
        return shown.ExitCode == 0 ? SystemdState.Add(task, shown.Output) : task;
    }

    private static string Shown(string program, IReadOnlyList<string> arguments) =>
        string.Join(
            ' ',
            arguments.Prepend(Path.GetFileName(program)).Select(word => word.Contains(' ', StringComparison.Ordinal) ? $"'{word}'" : word));
}
