using System.Text.Json;
using NasSync.Transfers;

namespace NasSync.Service.Output;

/// <summary>
/// Shows which route won for an artifact, its targets, and why the other routes did not match: as a tree, or as one JSON line per artifact.
/// </summary>
internal sealed class ResolveOutput(Shell shell, bool json)
{
    private string? _job;

    /// <summary>Shows one decision.</summary>
    public void Show(RouteDecision decision)
    {
        if (json) JsonLines.Write(shell.Out, "decision", writer => WriteFields(writer, decision));
        else WriteTree(decision);
    }

    /// <summary>Shows a manifest that could not be read.</summary>
    public void Show(string subject, Failure failure)
    {
        if (json)
        {
            JsonLines.Write(shell.Out, new TransferEvent.Failed(subject, failure));
            return;
        }

        _job = null;
        Line($"{subject}");
        Line($"  FAILED: {failure.Message}");
        Line($"    {failure.Hint} [{failure.Code}]");
    }

    private void WriteTree(RouteDecision decision)
    {
        if (_job != decision.Manifest.Path) Line($"{decision.JobId}  ({decision.Manifest.Path})");
        _job = decision.Manifest.Path;
        Line($"  {decision.Artifact}");
        foreach (var target in decision.Targets) Line($"    -> {target.Display}");
        if (decision.SkipReason is { } reason) Line($"    skipped: {reason}");
        if (decision.Failure is { } failure)
        {
            Line($"    FAILED: {failure.Message}");
            Line($"      {failure.Hint} [{failure.Code}]");
        }

        foreach (var verdict in decision.Verdicts) Line($"    {(verdict.Matched ? '*' : ' ')} {verdict.Route}: {verdict.Reason}");
    }

    private void Line(string text) => shell.Out.WriteLine(SafeText.Show(shell.Words.Of(text)));

    private static void WriteFields(Utf8JsonWriter json, RouteDecision decision)
    {
        json.WriteString("jobId", decision.JobId);
        json.WriteString("manifest", decision.Manifest.Path);
        json.WriteString("artifact", decision.Artifact.Path);
        json.WriteString("kind", decision.Artifact.Kind);
        json.WriteString("variant", decision.Artifact.Variant);
        if (decision.Route is { } route) json.WriteNumber("route", route.Number);
        else json.WriteNull("route");
        json.WriteString("pattern", decision.Route?.Pattern);
        json.WriteStartArray("targets");
        foreach (var target in decision.Targets)
        {
            json.WriteStartObject();
            json.WriteString("destination", target.Destination);
            json.WriteString("target", target.Display);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("skipReason", decision.SkipReason);
        WriteFailure(json, decision.Failure);
        json.WriteStartArray("verdicts");
        foreach (var verdict in decision.Verdicts)
        {
            json.WriteStartObject();
            json.WriteNumber("route", verdict.Route.Number);
            json.WriteString("pattern", verdict.Route.Pattern);
            json.WriteBoolean("matched", verdict.Matched);
            json.WriteString("reason", verdict.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteFailure(Utf8JsonWriter json, Failure? failure)
    {
        if (failure is null)
        {
            json.WriteNull("failure");
            return;
        }

        json.WriteStartObject("failure");
        TransferEventJson.WriteFailure(json, failure);
        json.WriteEndObject();
    }
}
