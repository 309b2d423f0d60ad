using Microsoft.Extensions.Logging;

namespace NasSync.Transfers;

/// <summary>Diagnostic messages about what a run decides and why.</summary>
internal static partial class TransferLog
{
    /// <summary>Logs the decision for an artifact at one target.</summary>
    public static void Decided(ILogger log, PlanItem item)
    {
        if (!log.IsEnabled(LogLevel.Debug)) return;
        Decided(log, item.Action, item.Artifact.Path, item.JobId, item.Target?.Display ?? "no target", item.Reason);
        if (item.Requested is { } asked && item.Target is { } target && asked.Display != target.Display)
            Renamed(log, asked.Display, target.Display);
        if (item.Kept is { } kept) SourceKept(log, item.Artifact.Path, item.JobId, kept.Message);
    }

    /// <summary>Logs which route is taken, and why the routes before it do not match.</summary>
    public static void Routed(ILogger log, IReadOnlyList<RouteDecision> decisions)
    {
        if (!log.IsEnabled(LogLevel.Debug)) return;
        foreach (var decision in decisions)
        {
            foreach (var verdict in decision.Verdicts)
            {
                if (!verdict.Matched && ReferenceEquals(verdict.Route, decision.Route)) continue;
                var takes = verdict.Matched ? "takes" : "does not take";
                Verdict(log, verdict.Route.ToString(), takes, decision.Artifact.Path, decision.JobId, verdict.Reason);
                if (verdict.Matched) break;
            }
        }
    }

    [LoggerMessage(
        EventId = 400,
        EventName = "RunBegins",
        Level = LogLevel.Debug,
        Message = "A run begins: work folder {WorkDir}, configuration {File}")]
    public static partial void Begins(ILogger log, string workDir, string file);

    [LoggerMessage(EventId = 401, EventName = "ManifestRead", Level = LogLevel.Debug, Message = "Read {Path}: job {Job}, {Artifacts} artifacts")]
    public static partial void Read(ILogger log, string path, string job, int artifacts);

    [LoggerMessage(
        EventId = 406,
        EventName = "Settling",
        Level = LogLevel.Debug,
        Message = "'{Artifact}' of {Job} waits until its source has settled")]
    public static partial void Settling(ILogger log, string artifact, string job);

    [LoggerMessage(EventId = 407, EventName = "Retrying", Level = LogLevel.Debug, Message = "{Target} is tried again in {Seconds} s: {Why} [{Code}]")]
    public static partial void Retrying(ILogger log, string target, double seconds, string why, string code);

    [LoggerMessage(EventId = 408, EventName = "Released", Level = LogLevel.Debug, Message = "Removed the source '{Artifact}' of {Job}")]
    public static partial void Released(ILogger log, string artifact, string job);

    [LoggerMessage(EventId = 402, EventName = "Routed", Level = LogLevel.Debug, Message = "{Route} {Takes} '{Artifact}' of {Job}: {Why}")]
    private static partial void Verdict(ILogger log, string route, string takes, string artifact, string job, string why);

    [LoggerMessage(EventId = 403, EventName = "Decided", Level = LogLevel.Debug, Message = "{Action} '{Artifact}' of {Job} at {Target}: {Why}")]
    private static partial void Decided(ILogger log, PlanAction action, string artifact, string job, string target, string why);

    [LoggerMessage(
        EventId = 404,
        EventName = "Renamed",
        Level = LogLevel.Debug,
        Message = "The route asked for {Requested}; the copy is named {Target}")]
    private static partial void Renamed(ILogger log, string requested, string target);

    [LoggerMessage(EventId = 405, EventName = "SourceStays", Level = LogLevel.Debug, Message = "The source '{Artifact}' of {Job} stays: {Why}")]
    private static partial void SourceKept(ILogger log, string artifact, string job, string why);
}
