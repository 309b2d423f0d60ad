using NasSync.Config;
using NasSync.Tests.Support;
using NasSync.Transfers;
using NasSync.Watching;

namespace NasSync.Tests.Transfers;

/// <summary>An artifact that waits until its source has settled, and cannot be planned anew then.</summary>
public sealed class SettlingTests
{
    [Fact]
    public void What_breaks_when_it_is_planned_anew_fails_its_items_and_not_the_run()
    {
        using var temp = new TempFolder();
        var job = new SampleJob(temp.MakeFolder("outputs"), "job_1").Add("a.m4a", "audio");
        var manifest = ManifestFile.Read(job.Write());
        File.SetLastWriteTimeUtc(Path.Combine(job.Folder, "a.m4a"), new DateTime(2100, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var item = new PlanItem { Manifest = manifest, Artifact = manifest.Artifacts[0], Action = PlanAction.Copy, Reason = "it is new" };
        var time = new ManualTime();
        var settling = new Settling(new SyncConfig { WorkDir = temp["work"], Settle = TimeSpan.FromSeconds(2) }, time);

        // Of the world only the job folder is asked.
        using var world = new Observations(null!, null!, null!, null!);
        Assert.True(settling.Holds([item], world, () => throw new InvalidOperationException("the ledger is gone")));
        time.Advance(TimeSpan.FromSeconds(2));
        var refused = Assert.Single(settling.LookAgain()!);
        Assert.Equal(PlanAction.Refuse, refused.Action);
        Assert.Contains("the ledger is gone", refused.Failure!.Message, StringComparison.Ordinal);
        Assert.Null(settling.UntilNext);
    }
}
