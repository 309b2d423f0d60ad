using NasSync.Transfers;

namespace NasSync.Verifying;

/// <summary>Counts findings. Thread-safe.</summary>
internal sealed class VerifyTally
{
    private readonly object _gate = new();
    private readonly Dictionary<CopyState, long> _states = [];
    private VerifyResult _result = new();

    /// <summary>Counts one event.</summary>
    public void Count(VerifyEvent verifyEvent)
    {
        lock (_gate)
        {
            switch (verifyEvent)
            {
                case VerifyEvent.Begun begun:
                    _result = _result with { Copies = begun.Copies, Seed = begun.Seed };
                    break;
                case VerifyEvent.Failed { Failure: var failure }:
                    _result = _result with { Failed = _result.Failed + 1, ExitCode = ExitCodes.Graver(_result.ExitCode, ExitCodes.Of(failure)) };
                    break;
                case VerifyEvent.Found { Finding: var finding }:
                    _states[finding.State] = _states.GetValueOrDefault(finding.State) + 1;
                    var bytes = finding.FoundSha256 is null ? 0 : finding.Size;
                    var verified = _result.Verified + (finding.State == CopyState.Unreachable ? 0 : 1);
                    var exitCode = ExitCodes.Graver(_result.ExitCode, Of(finding));
                    _result = _result with { Verified = verified, Bytes = _result.Bytes + bytes, ExitCode = exitCode };
                    break;
            }
        }
    }

    /// <summary>The result of the verification.</summary>
    public VerifyResult Finish(TimeSpan elapsed, bool stopped)
    {
        lock (_gate)
            return _result with
            {
                States = new SortedDictionary<CopyState,
                long>(_states),
                Elapsed = elapsed,
                Stopped = stopped,
                ExitCode = stopped ? ExitCode.Stopped : _result.ExitCode,
            };
    }

    private static ExitCode Of(CopyFinding finding) => finding.State switch
    {
        CopyState.Unreachable => ExitCode.DestinationUnavailable,
        CopyState.Unreadable => ExitCode.FailedForGood,
        _ => finding.IsLost ? ExitCode.FailedForGood : ExitCode.Ok,
    };
}
