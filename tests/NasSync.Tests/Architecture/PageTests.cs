using NasSync.Tests.Support;

namespace NasSync.Tests.Architecture;

public sealed class PageTests
{
    [Fact]
    public void The_first_screen_of_the_README_says_how_to_run_and_how_to_test()
    {
        var screen = File.ReadLines(Repository.At("README.md")).Take(30).ToList();
        Assert.Contains("dotnet run --project src/NasSync.Service -- sync --config samples/nas-sync.yaml", screen);
        Assert.Contains("dotnet test", screen);
    }

    [Theory]
    [InlineData("README.md", 160)]
    [InlineData("CONTRIBUTING.md", 120)]
    public void A_page_stays_short(string page, int most) => Assert.InRange(File.ReadLines(Repository.At(page)).Count(), 1, most);
}
