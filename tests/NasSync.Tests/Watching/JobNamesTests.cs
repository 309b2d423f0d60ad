using NasSync.Tests.Support;
using NasSync.Watching;

namespace NasSync.Tests.Watching;

public sealed class JobNamesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Jobs_are_named_by_their_manifests_and_unreadable_ones_are_passed_over()
    {
        var outputs = _folder.MakeFolder("outputs");
        new SampleJob(outputs, "job_b").Add("b.m4a", "audio").Write();
        new SampleJob(outputs, "job_a").Add("a.m4a", "audio").Write();
        _folder.Write("outputs/broken/manifest.json", "{ \"job_id\":");
        _folder.MakeFolder("outputs/empty");
        Assert.Equal(["job_a", "job_b"], JobNames.In(outputs, 10));
    }

    [Fact]
    public void No_more_manifests_are_read_than_asked_for()
    {
        var outputs = _folder.MakeFolder("outputs");
        for (var i = 0; i < 5; i++) new SampleJob(outputs, $"job_{i}").Add("a.m4a", "audio").Write();
        Assert.Equal(["job_0", "job_1"], JobNames.In(outputs, 2));
    }

    [Fact]
    public void A_folder_that_is_missing_has_no_jobs() => Assert.Empty(JobNames.In(_folder["none"], 10));
}
