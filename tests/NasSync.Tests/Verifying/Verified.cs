using NasSync.Destinations;
using NasSync.Files;
using NasSync.Ledgers;
using NasSync.Tests.Support;
using NasSync.Verifying;

namespace NasSync.Tests.Verifying;

/// <summary>Verifications of a <see cref="SyncWorld"/>, repairs of what they find, and what can happen to a copy.</summary>
internal static class Verified
{
    /// <summary>Verifies and gives what was found, by target.</summary>
    public static async Task<(IReadOnlyList<CopyFinding> Findings, VerifyResult Result)> VerifyAsync(
        this SyncWorld world,
        VerifyRequest? request = null,
        Func<Target, IDestination, IDestination>? wrap = null,
        CancellationToken cancellationToken = default)
    {
        var findings = new List<CopyFinding>();
        VerifyResult? result = null;
        var engine = new VerifyEngine(world.Config) { Variables = world.Variables, Wrap = wrap };
        await foreach (var one in engine.RunAsync(request ?? new(), cancellationToken))
        {
            if (one is VerifyEvent.Found found) findings.Add(found.Finding);
            if (one is VerifyEvent.Finished finished) result = finished.Result;
        }

        findings.Sort((a, b) => string.CompareOrdinal(a.Target, b.Target));
        return (findings, result!);
    }

    /// <summary>Verifies where there is one copy.</summary>
    public static async Task<CopyFinding> VerifyOneAsync(
        this SyncWorld world, VerifyRequest? request = null, Func<Target, IDestination, IDestination>? wrap = null) =>
        Assert.Single((await world.VerifyAsync(request, wrap)).Findings);

    /// <summary>Verifies and gives the plan, through its file.</summary>
    public static async Task<RepairPlan> PlanAsync(this SyncWorld world, VerifyRequest? request = null)
    {
        var path = Path.Combine(world.Root, "repair.json");
        using var writer = RepairPlanWriter.Create(path, Path.Combine(Path.GetTempPath(), "none"), TimeProvider.System.GetUtcNow());
        foreach (var finding in (await world.VerifyAsync(request)).Findings) writer.Add(finding);
        writer.Commit();
        return RepairPlanReader.Read(path);
    }

    /// <summary>Carries a plan out.</summary>
    public static Task<IReadOnlyList<TransferEvent>> RepairAsync(this SyncWorld world, RepairPlan plan, bool dryRun = false) =>
        world.RunAsync(new() { Repair = plan, DryRun = dryRun });

    /// <summary>Verifies and repairs at once.</summary>
    public static async Task<IReadOnlyList<TransferEvent>> RepairAsync(this SyncWorld world) => await world.RepairAsync(await world.PlanAsync());

    /// <summary>Flips a bit and leaves size and time as they were, as a failing disk does.</summary>
    public static void Rot(string path, long at = 0)
    {
        // .NET's own times end at a tenth of a microsecond, the file system's do not.
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        var was = OpenFiles.Stat(file).State.MtimeNs;
        var bytes = new byte[1];
        RandomAccess.Read(file, bytes, at);
        bytes[0] ^= 1;
        RandomAccess.Write(file, bytes, at);
        OpenFiles.SetMtime(file, was);
    }

    /// <summary>
    /// The same for a source. A failing disk leaves its change time alone too, which no program can set back: so the ledger is told of today's.
    /// </summary>
    public static void RotSource(this SyncWorld world, string path)
    {
        Rot(path);
        using var file = File.OpenHandle(path);
        var now = OpenFiles.Stat(file).State.ChangeNs;
        using var session = new SqlSession(SqliteFile.Open(Path.Combine(world.Config.WorkDir, Ledger.FileName)));
        session.Execute($"update copies set source_ctime_ns = {now} where artifact = '{Path.GetFileName(path)}'", null);
    }

    /// <summary>Every file and folder below, with size, time of change and content: two equal lists mean that nothing was written.</summary>
    public static IReadOnlyList<string> Tree(string top) =>
    [
        .. new DirectoryInfo(top).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
            .Select(one => $"{one.FullName} {one.LastWriteTimeUtc:o} {(one is FileInfo file ? TempFolder.Sha256Of(file.FullName) : "")}")
            .Order(StringComparer.Ordinal),
    ];
}
