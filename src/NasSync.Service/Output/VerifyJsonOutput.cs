using NasSync.Transfers;

namespace NasSync.Service.Output;

/// <summary>
/// Shows a verification as JSON lines: each copy as soon as it was checked, those that no repair can make again near the end, <c>verified</c> last.
/// </summary>
internal sealed class VerifyJsonOutput(TextWriter output) : IVerifyOutput
{
    /// <inheritdoc/>
    public void Show(VerifyEvent verifyEvent, string? planFile, int planned)
    {
        switch (verifyEvent)
        {
            case VerifyEvent.Warned { Notice: var notice }:
                JsonLines.Write(output, new TransferEvent.Warned(notice));
                break;
            case VerifyEvent.Failed failed:
                JsonLines.Write(output, new TransferEvent.Failed(failed.Subject, failed.Failure));
                break;
            case VerifyEvent.Found { Finding: var finding }:
                Write(finding);
                break;
            case VerifyEvent.Finished { Result: var result }:
                Write(result, planFile, planned);
                break;
        }
    }

    private void Write(CopyFinding finding) => JsonLines.Write(output, "finding", json =>
    {
        json.WriteString("state", TransferEventJson.Camel(finding.State));
        json.WriteString("jobId", finding.JobId);
        json.WriteString("artifact", finding.Artifact);
        json.WriteString("destination", finding.Destination);
        json.WriteString("target", finding.Target);
        json.WriteNumber("size", finding.Size);
        json.WriteString("sha256", finding.Sha256);
        json.WriteString("committedAt", finding.Copy.Receipt.CommittedAt.UtcDateTime);
        if (finding.Found is { } found) json.WriteNumber("foundSize", found.Size);
        else json.WriteNull("foundSize");
        json.WriteString("foundSha256", finding.FoundSha256);
        json.WriteString("verifiedBy", finding.VerifiedBy is { } by ? TransferEventJson.Camel(by) : null);
        json.WriteString("reason", finding.Reason);
        json.WriteString("repair", TransferEventJson.Camel(finding.Repair));
        json.WriteString("repairReason", finding.RepairReason);
        json.WriteBoolean("noCopyLeft", finding.NoCopyLeft);
        json.WriteNumber("elapsedMs", (long)Math.Round(finding.Elapsed.TotalMilliseconds));
        if (finding.Failure is { } failure) TransferEventJson.WriteFailure(json, failure);
    });

    private void Write(VerifyResult result, string? planFile, int planned) => JsonLines.Write(output, "verified", json =>
    {
        json.WriteNumber("copies", result.Copies);
        json.WriteNumber("verified", result.Verified);
        foreach (var state in Enum.GetValues<CopyState>()) json.WriteNumber(TransferEventJson.Camel(state), result.Of(state));
        json.WriteNumber("failed", result.Failed);
        json.WriteNumber("bytes", result.Bytes);
        if (result.Seed is { } seed) json.WriteNumber("seed", seed);
        else json.WriteNull("seed");
        json.WriteString("plan", planFile);
        json.WriteNumber("planned", planned);
        json.WriteNumber("elapsedMs", (long)Math.Round(result.Elapsed.TotalMilliseconds));
        json.WriteBoolean("stopped", result.Stopped);
        json.WriteNumber("exitCode", (int)result.ExitCode);
    });
}
