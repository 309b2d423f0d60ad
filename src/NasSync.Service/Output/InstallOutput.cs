using NasSync.Installing;
using NasSync.Scheduling;
using NasSync.Transfers;

namespace NasSync.Service.Output;

/// <summary>Shows the steps of an installation as they are done, for people or as JSON lines.</summary>
internal sealed class InstallOutput(Shell shell, bool json, bool dryRun)
{
    private bool _left;

    /// <summary>Shows the units that would be written.</summary>
    public void Show(IReadOnlyList<UnitFile> units)
    {
        foreach (var unit in units)
        {
            if (json)
            {
                JsonLines.Write(shell.Out, "unit", writer =>
                {
                    writer.WriteString("name", unit.Name);
                    writer.WriteString("text", unit.Text);
                });
            }
            else
            {
                shell.Out.WriteLine($"# --- {unit.Name}");
                shell.Out.WriteLine(unit.Text);
            }
        }
    }

    /// <summary>Shows one step.</summary>
    public void Show(InstallStep step)
    {
        if (json)
        {
            JsonLines.Write(shell.Out, "step", writer =>
            {
                writer.WriteString("action", TransferEventJson.Camel(step.Action));
                writer.WriteString("item", step.Item);
                writer.WriteBoolean("dryRun", dryRun);
            });
            return;
        }

        if (step.Action == InstallAction.ToRun && !_left)
        {
            _left = true;
            shell.Out.WriteLine("left for you to run, since nothing was started here:");
        }

        shell.Out.WriteLine(SafeText.Show(dryRun ? Planned(step) : Done(step)));
    }

    /// <summary>Ends the output.</summary>
    public void End(string name, SystemdHost host)
    {
        if (json)
        {
            JsonLines.Write(shell.Out, "finished", writer =>
            {
                writer.WriteString("name", name);
                writer.WriteString("scope", TransferEventJson.Camel(host.Scope));
                writer.WriteString("unitFolder", host.UnitFolder);
                writer.WriteBoolean("dryRun", dryRun);
                writer.WriteNumber("exitCode", (int)ExitCode.Ok);
            });
            return;
        }

        if (dryRun) shell.Error.WriteLine("Nothing was changed (--dry-run).");
    }

    private static string Done(InstallStep step) => step.Action switch
    {
        InstallAction.Made => $"made {step.Item}",
        InstallAction.Wrote => $"wrote {step.Item}",
        InstallAction.Replaced => $"wrote {step.Item} again",
        InstallAction.Unchanged => $"{step.Item} is as it should be",
        InstallAction.Removed => $"removed {step.Item}",
        InstallAction.Ran => $"ran {step.Item}",
        _ => $"  {step.Item}",
    };

    private static string Planned(InstallStep step) => step.Action switch
    {
        InstallAction.Made => $"would make {step.Item}",
        InstallAction.Wrote => $"would write {step.Item}",
        InstallAction.Replaced => $"would write {step.Item} again",
        InstallAction.Unchanged => $"{step.Item} is as it should be",
        InstallAction.Removed => $"would remove {step.Item}",
        InstallAction.Ran => $"would run {step.Item}",
        _ => $"  {step.Item}",
    };
}
