using System.Management.Automation;
using NasSync.Ledgers;
using NasSync.PowerShell.Completion;

namespace NasSync.PowerShell.Commands;

/// <summary>Forgets failures without retrying them; touches no file.</summary>
[Cmdlet(VerbsCommon.Remove, "SyncFailure", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(void))]
public sealed class RemoveSyncFailureCommand : AsyncCmdlet
{
    private readonly List<long> _ids = [];

    /// <summary>Failures, as Get-SyncFailure writes them, or their numbers.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [FailureNumber]
    [ValidateNotNullOrEmpty]
    public long[] Id { get; set; } = [];

    /// <summary>The configuration file. Default: $env:NAS_SYNC_CONFIG_PATH, then nas-sync.yaml in the current folder.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ConfigFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Config { get; set; }

    private protected override string Activity => "Changing the ledger";

    /// <inheritdoc/>
    protected override void ProcessRecord() => _ids.AddRange(Id);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_ids.Count == 0) return;
        var config = SessionConfig.Require(this, Config, near: null);
        Run(async (writer, cancellationToken) =>
        {
            var forgotten = new List<long>();
            var known = Known(config);
            foreach (var id in _ids.Distinct())
            {
                if (!known.TryGetValue(id, out var failure)) writer.WriteFailure(CmdletFailure.FailureUnknown(id), id);
                else if (await writer.ShouldProcessAsync($"{id}: {failure.Subject}", "Forget the failure", cancellationToken).ConfigureAwait(false))
                    forgotten.Add(id);
            }

            if (forgotten.Count > 0) Forget(config, forgotten);
        });
    }

    private static Dictionary<long, RecordedFailure> Known(Config.SyncConfig config)
    {
        using var ledger = Ledger.OpenReadOnly(config);
        return ledger.Failures().ToDictionary(failure => failure.Id);
    }

    // Takes the lock only after all confirmations, so that no prompt waits while the work folder is held.
    private static void Forget(Config.SyncConfig config, IReadOnlyList<long> ids)
    {
        using var held = WorkLock.Acquire(config.WorkDir);
        using var ledger = Ledger.Open(config);
        ledger.ForgetFailures(ids);
    }
}
