using NasSync.Transfers;

namespace NasSync.Tests.Support;

/// <summary>Manifests, plan items and events built in memory, for tests of code that displays or records them.</summary>
internal static class SampleEvents
{
    public static readonly DateTimeOffset Noon = new(2026, 1, 14, 12, 0, 0, TimeSpan.Zero);

    public static Manifest Manifest(string jobId = "job_1", params Artifact[] artifacts) =>
        new() { JobId = jobId, Artifacts = artifacts, Path = $"/outputs/{jobId}/manifest.json", Generation = new string('a', 64) };

    public static Artifact Artifact(string path = "Song.m4a", string kind = "audio", string? variant = "instrumental") =>
        new() { Kind = kind, Variant = variant, Path = path };

    public static Target Target(string path = "Song.m4a", string root = "/mnt/nas/Instrumental") =>
        new() { Destination = NasSync.Target.LocalName, Root = root, Path = path };

    public static PlanItem Item(
        PlanAction action = PlanAction.Copy, string jobId = "job_1", string path = "Song.m4a", string reason = "it is new", long size = 1536,
        Failure? failure = null) =>
        new()
        {
            Manifest = Manifest(jobId),
            Artifact = Artifact(path),
            Action = action,
            Reason = reason,
            Target = action is PlanAction.Skip ? null : Target(path),
            Source = new FileState(size, 0, 1, 1),
            Failure = failure,
        };

    public static CommitReceipt Receipt(long size = 1536) => new()
    {
        Size = size,
        Sha256 = new string('b', 64),
        VerifiedBy = VerifiedBy.ReadBackCached,
        Durability = Durability.Fsynced,
        CommittedAt = Noon,
    };

    public static Failure Failure(FailureClass @class = FailureClass.Escape, string code = "EscapesJob") =>
        new(@class, code, "artifact 'Song.m4a' lies outside its job", "Remove the link from the job folder.");

    public static TransferEvent.Planned Planned(params PlanItem[] items) => new(Manifest(), new TransferPlan(items));

    public static TransferEvent.Committed Committed(string jobId = "job_1", string path = "Song.m4a") =>
        new(Item(jobId: jobId, path: path), Receipt(), TimeSpan.FromMilliseconds(12));

    public static TransferEvent.Skipped Skipped(SkipKind kind, string path = "Song.m4a") => kind switch
    {
        SkipKind.Unchanged => new(Item(PlanAction.Unchanged, path: path, reason: "the ledger proves that nothing changed"), kind),
        SkipKind.AlreadyPresent => new(Item(PlanAction.Adopt, path: path, reason: "the same bytes are there"), kind),
        _ => new(Item(PlanAction.Skip, path: path, reason: "no route matches audio/instrumental"), kind),
    };

    public static TransferEvent.Failed Failed(string path = "Song.m4a") =>
        new($"job_1/{path}", Failure(), Item(PlanAction.Refuse, path: path, failure: Failure()));

    public static TransferEvent.Finished Finished(SyncResult? result = null) => new(result ?? new SyncResult());

    /// <summary>A stream as the engine gives it.</summary>
    public static async IAsyncEnumerable<TransferEvent> Stream(params TransferEvent[] events)
    {
        foreach (var transferEvent in events)
        {
            await Task.Yield();
            yield return transferEvent;
        }
    }

    /// <summary>The wire form of an event, parsed.</summary>
    public static System.Text.Json.JsonElement Json(TransferEvent transferEvent) =>
        System.Text.Json.JsonDocument.Parse(TransferEventJson.ToLine(transferEvent)).RootElement;
}
