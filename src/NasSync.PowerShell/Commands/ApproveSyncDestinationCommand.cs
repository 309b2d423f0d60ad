using System.Management.Automation;
using NasSync.Config;
using NasSync.Destinations.Places;
using NasSync.Ledgers;
using NasSync.PowerShell.Completion;
using NasSync.PowerShell.Pipeline;

namespace NasSync.PowerShell.Commands;

/// <summary>Takes the folder that stands at a root now for the right one, after the place was set up anew, such as on another disk.</summary>
[Cmdlet(VerbsLifecycle.Approve, "SyncDestination", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(void))]
public sealed class ApproveSyncDestinationCommand : AsyncCmdlet
{
    private SyncConfig? _config;

    /// <summary>The folders, as the error names them, or names of destinations.</summary>
    // Not by property: a folder's Name would bind before the folder itself, and mean one of that name here.
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

    /// <summary>How long another run that holds the work folder is waited for: a time span, or seconds. Default: not at all.</summary>
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

    // What is no path was meant as a destination's name, unless copies went to a folder of that name.
    private Failure NeverCopied(string name, PlaceToAccept place) => SessionPath.IsPath(name) || _config!.Destinations.ContainsKey(name)
        ? CmdletFailure.NothingToApprove($"Nothing was copied to {place.Shown} yet")
        : CmdletFailure.DestinationUnknown(name, [.. _config.Destinations.Values.Select(known => known.Name)]);
}
