using NasSync.Config;

namespace NasSync.Transfers;

/// <summary>Which sources are known to be finished without asking who has them open.</summary>
/// <param name="BySettling">The configuration says for how long finished files rest, and each one that is to be removed rested so long.</param>
internal sealed record FinishedSources(bool BySettling)
{
    /// <summary>As a configuration says.</summary>
    public static FinishedSources Of(SyncConfig config) => new(config.IsSettleGiven && config.Settle > TimeSpan.Zero);

    /// <summary>Whether a source that is what its manifest says is whole: what is declared of it was compared.</summary>
    public bool IsFinished(Artifact artifact) => BySettling || artifact.Size is not null || artifact.Sha256 is not null;
}
