using System.Management.Automation;
using NasSync.Config;
using NasSync.Destinations.Places;
using NasSync.Ledgers;
using NasSync.PowerShell.Completion;
using NasSync.PowerShell.Pipeline;

namespace NasSync.PowerShell.Commands;

/// <summary>Accepts the current folder at a root as the right one, after the place was set up again, for example on another disk.</summary>
[Cmdlet(VerbsLifecycle.Approve, "SyncDestination", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(void))]
public sealed class ApproveSyncDestinationCommand : AsyncCmdlet
{
    private SyncConfig? _config;

    /// <summary>The folders, as the error names them, or the names of destinations.</summary>
    // Does not bind by property: a folder's Name would bind before the folder itself, and mean a folder of that name here.
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [TextArgument("Name", TakesProperty = true)]
    [ArgumentCompleter(typeof(DestinationCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>The configuration file. Default: $env:NAS_SYNC_CONFIG_PATH, then nas-sync.yaml in the current folder.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ConfigFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Config { get; set; }

    /// <summary>Maximum time to wait for another run that holds the work folder: a time span, or seconds. Default: no wait.</summary>
    [Parameter]
    [DurationArgument]
    public TimeSpan WaitForLock { get; set; }

    private protected override string Activity => "Approving destinations";

    /// <inheritdoc/>
    protected override void BeginProcessing() => _config = SessionConfig.Require(this, Config, near: null, warn: true);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var name in Name)
        {
            try
            {
                if (PlaceToAccept.Of(_config!, name, path => SessionPath.Full(SessionState.Path, path)) is not { } place)
                {
                    ((IPipelineStreams)this).WriteFailure(CmdletFailure.NothingToApprove($"{name} is a bucket and no folder"), name);
                    continue;
                }

                if (IsWhatIf && !IsKnown(place))
                {
                    ((IPipelineStreams)this).WriteFailure(NeverCopied(name, place), name);
                    continue;
                }

                if (!ShouldProcess(place.Shown, "Accept the folder that stands there now")) continue;
                Run(async (writer, cancellationToken) =>
                {
                    using var turn = await Turn.TakeAsync(_config!, WaitForLock, writer, cancellationToken).ConfigureAwait(false);
                    if (place.Accept(turn.Ledger)) writer.WriteVerbose(place.Then);
                    else writer.WriteFailure(NeverCopied(name, place), name);
                });
            }
            catch (FailureException error)
            {
                ((IPipelineStreams)this).WriteFailure(error.Failure, name);
            }
        }
    }

    private bool IsKnown(PlaceToAccept place)
    {
        using var ledger = Ledger.OpenReadOnly(_config!);
        return place.IsKnown(ledger);
    }

    // A name that is no path means a destination, unless copies went to a folder of that name.
    private Failure NeverCopied(string name, PlaceToAccept place) => SessionPath.IsPath(name) || _config!.Destinations.ContainsKey(name)
        ? CmdletFailure.NothingToApprove($"Nothing was copied to {place.Shown} yet")
        : CmdletFailure.DestinationUnknown(name, [.. _config.Destinations.Values.Select(known => known.Name)]);
}
