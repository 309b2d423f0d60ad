using System.CommandLine;
using NasSync.Installing;

namespace NasSync.Service.Commands;

/// <summary>The options of <c>install</c> and <c>uninstall</c> that select the systemd instance.</summary>
internal sealed class SystemdOptions
{
    private readonly Option<bool> _system = new("--system") { Description = "A service of the machine; the default for root." };

    private readonly Option<string?> _name = new("--name")
    {
        Description = "The name of the units. Default: nassync, or nassync-sync with a schedule.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _unitFolder = new("--unit-dir")
    {
        Description = "Only write the units, into this folder: for an image or a package.",
        HelpName = "FOLDER",
    };

    /// <summary><c>--user</c>: the user's own service.</summary>
    public Option<bool> User { get; } = new("--user") { Description = "A service of your own, without root; the default for everyone else." };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { User, _system, _name, _unitFolder }) command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(User) && result.GetValue(_system)) result.AddError("Give either --user or --system.");
        });
    }

    /// <summary>The given name; null without the option.</summary>
    public string? Name(ParseResult parsed) => parsed.GetValue(_name);

    /// <summary>The systemd instance that gets the units.</summary>
    /// <exception cref="FailureException">The system has no systemd.</exception>
    public SystemdHost Host(Shell shell, ParseResult parsed)
    {
        if (!OperatingSystem.IsLinux()) throw new FailureException(CommandFailure.NoScheduler());
        var scope = parsed.GetValue(User) || (!parsed.GetValue(_system) && !Environment.IsPrivilegedProcess)
            ? SyncTaskScope.User
            : SyncTaskScope.System;
        return parsed.GetValue(_unitFolder) is { } folder
            ? new SystemdHost(scope, shell.FullPath(folder)) { MakesFolders = false }
            : SystemdHost.Of(scope, shell.Environment);
    }
}
