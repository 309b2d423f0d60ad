using System.CommandLine;
using NasSync.Config;
using NasSync.Ledgers;
using NasSync.Service.Monitoring;
using NasSync.Service.Output;
using NasSync.Transfers;
using NasSync.Unattended;
using NasSync.Webhooks;

namespace NasSync.Service.Commands;

/// <summary>
/// The daemon: watches with one configuration until it is stopped or a new valid one appears. An invalid new configuration is reported, and the last
/// good one stays in use.
/// </summary>
internal sealed class Watch(Shell shell, GlobalOptions globals, ParseResult parsed, TimeSpan? poll)
{
    private readonly IRunOutput _output = globals.Json(parsed)
        ? new JsonOutput(shell.Out, globals.LogLevel(parsed) ?? LogLevel.Info, dryRun: false)
        : new WatchOutput(shell, globals.LogLevel(parsed) ?? LogLevel.Info);

    /// <summary>Maximum time to wait for another run that holds the work folder.</summary>
    public TimeSpan Wait { get; init; }

    /// <summary>Runs until it is stopped, which is its normal end with exit code 0.</summary>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        var config = Load();
        if (config is null) return (int)ExitCode.ConfigInvalid;
        await using var monitors = new Monitors(config, shell);
        using var stopping = stop.Register(monitors.Manager.Stopping);
        var isFirst = true;
        while (!stop.IsCancellationRequested)
        {
            if (!config.Enabled)
            {
                shell.Error.WriteLine("NasSync is switched off (enabled: false); nothing was done.");
                return (int)ExitCode.Ok;
            }

            if (Obstacle(config) is { } obstacle) throw new FailureException(obstacle);

            await ApplyAsync(monitors, config, isFirst, stop);
            isFirst = false;
            var (result, next) = await RunAsync(config, monitors, stop);
            if (next is null) return (int)(stop.IsCancellationRequested ? ExitCode.Ok : result.ExitCode);
            config = next;
            Tell(new Notice("ConfigReloaded", "The configuration was read again and is in use.", "There is nothing to do."));
        }

        return (int)ExitCode.Ok;
    }

    private static Failure? Obstacle(SyncConfig config) => config switch
    {
        { OutputsDir: null } => CommandFailure.NoOutputsFolder("watch"),
        { DryRun: true } => CommandFailure.DryWatch(),
        _ => null,
    };

    private async Task<(SyncResult Result, SyncConfig? Next)> RunAsync(SyncConfig config, Monitors monitors, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        SyncConfig? next = null;
        using var file = ConfigFileWatch.Start(globals.File(parsed), config.PollInterval, shell.Time, Reload);
        using var hangUp = shell.HangUps?.Invoke(Reload);
        using var log = globals.Log(parsed, config);
        var courier = new Courier(config, shell.Environment, shell.Time);
        var watch = new SyncWatch(config, shell.Time) { Through = Through, Turned = monitors.Health.Beat, WaitForLock = Wait, Log = log };
        using var health = WatchHealth.Follow(watch, monitors, config, shell.Time);
        var result = new SyncResult { ExitCode = ExitCode.Unexpected };
        await foreach (var happened in EventLog.Tee(watch.RunAsync(end.Token), config, shell.Warn, shell.Time, CancellationToken.None))
        {
            monitors.Health.Beat();
            monitors.Metrics.Observe(happened);
            _output.Show(shell.Words.Of(happened));
            if (happened is not TransferEvent.Finished finished) continue;
            result = finished.Result;
            globals.HasEnded = true;
        }

        return (result, next);

        IAsyncEnumerable<TransferEvent> Through(IAsyncEnumerable<TransferEvent> events, Ledger ledger, CancellationToken ended)
        {
            monitors.Recall(ledger);
            return courier.TeeAsync(events, ledger, ended);
        }

        void Reload()
        {
            monitors.Manager.Reloading();
            if (Load() is not { } loaded || Obstacle(loaded) is not null)
            {
                monitors.Manager.Ready("The configuration is invalid; the last good one is in use.");
                Tell(new Notice(
                    "ConfigInvalid",
                    "The configuration cannot be used as it is now; the last good one stays in use.",
                    "Correct it; it is read again when the file changes, or after SIGHUP."));
                return;
            }

            next = loaded;
            end.Cancel();
        }
    }

    // At the start, a monitoring failure ends the program, so that the person who starts it sees it at once. Later the jobs matter more than the
    // monitoring.
    private async Task ApplyAsync(Monitors monitors, SyncConfig config, bool isFirst, CancellationToken stop)
    {
        try
        {
            await monitors.ApplyAsync(config, stop);
        }
        catch (FailureException e) when (!isFirst)
        {
            Tell(new Notice(e.Failure.Code, e.Failure.Message, e.Failure.Hint));
        }
    }

    private SyncConfig? Load() => globals.Load(parsed) is { } config ? poll is { } every ? config with { PollInterval = every } : config : null;

    private void Tell(Notice notice) => _output.Show(new TransferEvent.Warned(shell.Words.Of(notice)));
}
