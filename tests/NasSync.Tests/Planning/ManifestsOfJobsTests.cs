using System.Globalization;
using NasSync.Planning;
using NasSync.Tests.Support;

namespace NasSync.Tests.Planning;

/// <summary>Which job ids a run that does not end remembers.</summary>
public sealed class ManifestsOfJobsTests
{
    [Fact]
    public void Jobs_that_come_and_go_for_years_are_forgotten_and_those_that_stay_are_not()
    {
        var gone = new HashSet<string>(StringComparer.Ordinal);
        var jobs = new ManifestsOfJobs(path => !gone.Contains(path));
        var stays = Manifest("stays", "first");
        Assert.Null(jobs.Add(stays));
        for (var i = 0; i < 20_000; i++)
        {
            var manifest = Manifest(i.ToString(CultureInfo.InvariantCulture), i.ToString(CultureInfo.InvariantCulture));
            Assert.Null(jobs.Add(manifest));
            gone.Add(manifest.Path);
        }

        Assert.InRange(jobs.Count, 1, 2048);
        Assert.Equal("DuplicateJobId", jobs.Add(Manifest("stays", "second"))?.Code);
    }

    private static Manifest Manifest(string jobId, string folder) => SampleEvents.Manifest(jobId) with { Path = $"/outputs/{folder}/manifest.json" };
}
