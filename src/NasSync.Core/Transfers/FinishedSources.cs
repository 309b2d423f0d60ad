using NasSync.Config;

namespace NasSync.Transfers;

/// <summary>Decides which sources count as finished without checking who has them open.</summary>
/// <param name="BySettling">Whether the configuration sets a settling time. A source that is to be removed has then stayed unchanged for that
/// time.</param>
internal sealed record FinishedSources(bool BySettling)
{
    /// <summary>The rule that a configuration sets.</summary>
    public static FinishedSources Of(SyncConfig config) => new(config.IsSettleGiven && config.Settle > TimeSpan.Zero);

    /// <summary>
    /// Whether a source counts as finished: by the settling time, or because it matches the size or hash that its manifest declares.
    /// </summary>
    public bool IsFinished(Artifact artifact) => BySettling || artifact.Size is not null || artifact.Sha256 is not null;
}
