using System.Diagnostics.CodeAnalysis;
using System.Management.Automation;
using NasSync.Config;
using NasSync.Destinations.Contract;
using NasSync.PowerShell.Completion;
using NasSync.PowerShell.Pipeline;

namespace NasSync.PowerShell.Commands;

/// <summary>
/// Tests whether a place keeps every promise that NasSync relies on, in a separate folder there, which it removes again. A broken promise is a
/// result; a place that cannot be queried is one error, and the other places are still tested.
/// </summary>
[Cmdlet(VerbsDiagnostic.Test, "SyncDestination", SupportsShouldProcess = true)]
[OutputType(typeof(DestinationTestResult))]
[OutputType(typeof(Capabilities))]
public sealed class TestSyncDestinationCommand : AsyncCmdlet, IDisposable
{
    private readonly ProgressPace _pace = new(TimeProvider.System);
    private SyncConfig? _config;
    private GivenCredential? _given;

    /// <summary>
    /// Names of the configuration's destinations, where wildcards are allowed, or folders by their paths. Never creates a missing root.
    /// </summary>
    // Does not bind by property: a folder's Name would bind before the folder itself, and mean a destination. TextArgument takes an object's
    // Destination.
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Destination")]
    [SupportsWildcards]
    [TextArgument("Destination", "Name", IsPattern = true, TakesProperty = true)]
    [ArgumentCompleter(typeof(DestinationPatternCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>The configuration file. Default: $env:NAS_SYNC_CONFIG_PATH, then nas-sync.yaml in the current folder.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ConfigFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Config { get; set; }

    /// <summary>
    /// Logs in with this user and password instead of the configured ones: an SSH user, an S3 access key, an rsync daemon's password.
    /// </summary>
    [Parameter]
    [Credential]
    [ValidateNotNull]
    public PSCredential? Credential { get; set; }

    /// <summary>Only reports the place's capabilities, and tests no promise.</summary>
    [Parameter]
    public SwitchParameter Probe { get; set; }

    private protected override string Activity => "Testing destinations";

    /// <inheritdoc/>
    protected override void BeginProcessing() => _config = SessionConfig.Require(this, Config, near: null, warn: true);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var session = SessionState.Path;
        foreach (var name in NameFilter.Expand(Name, _config!.Destinations.Values.Select(known => known.Name)))
        {
            if (TryPlace(name, session, out var place)) Run((writer, cancellationToken) => TestAsync(name, place, writer, cancellationToken));
        }
    }

    /// <summary>Forgets the credential. The engine calls it at the end, even after a stop.</summary>
    public void Dispose() => _given?.Dispose();

    // Only the pipeline thread may resolve the session's drives.
    private bool TryPlace(string name, PathIntrinsics session, [NotNullWhen(true)] out string? place)
    {
        try
        {
            if (_config!.Destinations.TryGetValue(name, out var named)) place = Given(named).Name;
            else place = SessionPath.IsPath(name) ? SessionPath.Full(session, name) : throw new FailureException(Unknown(name));
            return true;
        }
        catch (FailureException error)
        {
            ((IPipelineStreams)this).WriteFailure(error.Failure, name);
            place = null;
            return false;
        }
    }

    // The destination with the given credential replaces the configured one.
    private DestinationConfig Given(DestinationConfig destination)
    {
        if (Credential is null) return destination;
        _given ??= new GivenCredential(Credential);
        var changed = _given.For(destination);
        _config = _config! with
        {
            Destinations = _config.Destinations.ToDictionary(
                pair => pair.Key,
                pair => pair.Value.Name == changed.Name ? changed : pair.Value,
                StringComparer.OrdinalIgnoreCase),
        };
        return changed;
    }

    private async Task TestAsync(string name, string place, PipelineWriter writer, CancellationToken cancellationToken)
    {
        try
        {
            using var log = Log(_config!, writer);
            await using var check = DestinationCheck.Open(_config!, place, TimeProvider.System, log)
                ?? throw new FailureException(Unknown(name));
            // A probe writes too: only a file shows whether names differ by case.
            var action = Probe
                ? "Ask what it can do, with a small file that is removed again"
                : "Test with files in a folder of its own, which is removed again";
            if (!await writer.ShouldProcessAsync(place, action, cancellationToken).ConfigureAwait(false)) return;
            if (Probe) writer.WriteObject(await check.ProbeAsync(cancellationToken).ConfigureAwait(false) with { Destination = place });
            else await TryPromisesAsync(check, place, writer, cancellationToken).ConfigureAwait(false);
        }
        catch (FailureException error)
        {
            writer.WriteFailure(error.Failure, name);
        }
    }

    private async Task TryPromisesAsync(DestinationCheck check, string place, PipelineWriter writer, CancellationToken cancellationToken)
    {
        var meter = new PromiseMeter(_pace, place, [.. DestinationCheck.Promises.Select(promise => promise.Name)]);
        await foreach (var result in check.RunAsync(cancellationToken).ConfigureAwait(false))
        {
            writer.WriteObject(Of(result, place));
            if (meter.Next() is { } line) writer.WriteProgress(line);
        }
    }

    private static DestinationTestResult Of(ContractResult result, string place) => new()
    {
        Destination = place,
        Group = result.Group,
        Promise = result.Name,
        Outcome = result.Outcome switch
        {
            ContractOutcome.Passed => DestinationTestOutcome.Passed,
            ContractOutcome.NotApplicable => DestinationTestOutcome.NotApplicable,
            _ => DestinationTestOutcome.Failed,
        },
        Detail = result.Detail,
        Elapsed = result.Elapsed,
    };

    private Failure Unknown(string name) => CmdletFailure.DestinationUnknown(name, [.. _config!.Destinations.Values.Select(known => known.Name)]);
}
