using System.Globalization;
using System.Reflection;
using NasSync.Processes;
using NasSync.Tests.Support;

namespace NasSync.Tests.Faults.Crashes;

/// <summary>The SSH host for the crash matrix, started at first use.</summary>
public sealed class CrashServers : IAsyncLifetime
{
    private readonly Lazy<Task<SshServer>> _ssh = new(() => SshServer.StartAsync());

    internal async Task<SshServer?> SshAsync(string kind) => kind == "sftp" ? await _ssh.Value : null;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_ssh.IsValueCreated) await (await _ssh.Value).DisposeAsync();
    }
}

/// <summary>
/// Kills the program at every <see cref="CrashPoint"/>, at each destination that reaches it, then runs it twice more. A new point is included
/// automatically; a point that the run does not reach fails the test.
/// </summary>
public abstract class CrashMatrixTests(CrashServers servers)
{
    private const int Killed = 128 + 9;

    /// <summary>
    /// The points that a destination reaches, each with the pass at which the program is killed: 1 is the first time it is reached.
    /// </summary>
    protected static TheoryData<string, int> PointsOf(string kind)
    {
        var data = new TheoryData<string, int>();
        foreach (var point in Points().Where(point => IsReached(point, kind)))
            for (var time = 1; time <= TimesOf(point); time++) data.Add(point, time);
        return data;
    }

    // The removal of finished jobs has nothing to do with destinations; FinishedJobCrashTests covers its points.
    internal static IReadOnlyList<string> Points() => [.. AllPoints().Where(point => !point.StartsWith("jobs.", StringComparison.Ordinal))];

    internal static IReadOnlyList<string> AllPoints() =>
        [.. typeof(CrashPoint)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.IsLiteral && field.Name != nameof(CrashPoint.Variable))
            .Select(field => (string)field.GetRawConstantValue()!)];

    internal static bool IsReached(string point, string kind)
    {
        var owner = point.Split('.')[0];
        if (owner is not ("run" or "ledger")) return owner == kind;

        // rsync reads the source itself, so NasSync writes no blocks.
        return point != CrashPoint.BlockWritten || kind != "rsync";
    }

    // How many passes differ, by file or by transaction, in this small world. Only the first pass must be reached.
    private static int TimesOf(string point) => point.Split('.')[0] switch
    {
        _ when Requires.Missing("large") is null => 6,

        // The second pass is another file at the same point, so it shows little that is new.
        _ when Requires.Missing("patience") is not null => 1,
        "local" => 2,
        _ when point is CrashPoint.LedgerCommitting or CrashPoint.LedgerCommitted => 2,
        _ => 1,
    };

    private protected async Task KillAndChangeAsync(string kind, string point)
    {
        await using var world = await CrashWorld.MakeAsync(kind, await servers.SshAsync(kind));
        Assert.Equal(Killed, (await world.RunAsync(point)).ExitCode);
        await UntilStillAsync(kind);
        world.ChangeSources();
        await world.RequireConvergenceAsync();
    }

    private protected async Task KillAndRunTwiceAsync(string kind, string point, int time)
    {
        var oldLedger = point is CrashPoint.LedgerBackedUp or CrashPoint.LedgerMigrating or CrashPoint.LedgerMigrated;
        await using var world = await CrashWorld.MakeAsync(kind, await servers.SshAsync(kind), oldLedger);

        var run = await world.RunAsync(string.Create(CultureInfo.InvariantCulture, $"{point}:{time}"));

        Assert.True(run.ExitCode == Killed || (time > 1 && run.ExitCode == 0), $"{point} was not reached: {run.ExitCode} {run.Out} {run.Error}");
        await UntilStillAsync(kind);
        await world.RequireSoundAsync();
        await world.RequireConvergenceAsync();
    }

    // After the kill, ssh and the server finish what the program had requested.
    private async Task UntilStillAsync(string kind)
    {
        if (await servers.SshAsync(kind) is { } ssh) await ssh.UntilAloneAsync();
    }
}

[Long]
public sealed class LocalCrashTests(CrashServers servers) : CrashMatrixTests(servers), IClassFixture<CrashServers>
{
    public static TheoryData<string, int> Cases => PointsOf("local");

    [Theory]
    [MemberData(nameof(Cases))]
    public Task A_run_that_was_killed_is_made_good_by_the_next(string point, int time) => KillAndRunTwiceAsync("local", point, time);

    [Theory]
    [InlineData(CrashPoint.LocalWritten)]
    [InlineData(CrashPoint.LocalRenamed)]
    [InlineData(CrashPoint.Recording)]
    public Task A_source_that_changes_after_the_kill_is_made_good_too(string point) => KillAndChangeAsync("local", point);

    [Fact]
    public void Every_point_is_reached_by_some_destination() =>
        Assert.All(Points(), point => Assert.Contains(CrashPlace.Kinds, kind => IsReached(point, kind)));
}

[Needs(SshServer.Program)]
[Long]
public sealed class SftpCrashTests(CrashServers servers) : CrashMatrixTests(servers), IClassFixture<CrashServers>
{
    public static TheoryData<string, int> Cases => PointsOf("sftp");

    [NeedsTheory]
    [MemberData(nameof(Cases))]
    public Task A_run_that_was_killed_is_made_good_by_the_next(string point, int time) => KillAndRunTwiceAsync("sftp", point, time);

    [NeedsTheory]
    [InlineData(CrashPoint.SftpNamed)]
    [InlineData(CrashPoint.Recording)]
    public Task A_source_that_changes_after_the_kill_is_made_good_too(string point) => KillAndChangeAsync("sftp", point);
}

[Needs("radosgw", "ceph-mon", "ceph-osd")]
[Long]
public sealed class S3CrashTests(CrashServers servers) : CrashMatrixTests(servers), IClassFixture<CrashServers>
{
    public static TheoryData<string, int> Cases => PointsOf("s3");

    [NeedsTheory]
    [MemberData(nameof(Cases))]
    public Task A_run_that_was_killed_is_made_good_by_the_next(string point, int time) => KillAndRunTwiceAsync("s3", point, time);

    [NeedsTheory]
    [InlineData(CrashPoint.S3PartSent)]
    [InlineData(CrashPoint.S3Put)]
    [InlineData(CrashPoint.S3Completed)]
    [InlineData(CrashPoint.Recording)]
    public Task A_source_that_changes_after_the_kill_is_made_good_too(string point) => KillAndChangeAsync("s3", point);
}


[Needs("linux", "rsync")]
[Long]
public sealed class RsyncCrashTests(CrashServers servers) : CrashMatrixTests(servers), IClassFixture<CrashServers>
{
    public static TheoryData<string, int> Cases => PointsOf("rsync");

    [NeedsTheory]
    [MemberData(nameof(Cases))]
    public Task A_run_that_was_killed_is_made_good_by_the_next(string point, int time) => KillAndRunTwiceAsync("rsync", point, time);

    [NeedsTheory]
    [InlineData(CrashPoint.RsyncSent)]
    [InlineData(CrashPoint.RsyncProven)]
    [InlineData(CrashPoint.Recording)]
    public Task A_source_that_changes_after_the_kill_is_made_good_too(string point) => KillAndChangeAsync("rsync", point);
}
