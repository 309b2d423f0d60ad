using NasSync.Templates;

namespace NasSync.Tests.Templates;

public sealed class NearestNameTests
{
    private static readonly string[] Known = ["outputsDir", "workDir", "remoteRoots", "routes", "retry", "to"];

    [Theory]
    [InlineData("outputDir", "outputsDir")]
    [InlineData("outputs_dir", "outputsDir")]
    [InlineData("OUTPUTS-DIR", "outputsDir")]
    [InlineData("wrokDir", "workDir")]
    [InlineData("remote", "remoteRoots")]
    [InlineData("route", "routes")]
    [InlineData("rerty", "retry")]
    [InlineData("tos", "to")]
    [InlineData("webhooks", null)]
    [InlineData("x", null)]
    [InlineData("", null)]
    public void The_nearest_known_name_is_found(string name, string? nearest) => Assert.Equal(nearest, NearestName.Of(name, Known));

    [Fact]
    public void A_name_beyond_all_measure_is_not_compared() => Assert.Null(NearestName.Of(new string('a', 100_000), Known));

    [Fact]
    public void The_cure_names_the_nearest_or_all()
    {
        Assert.Equal("did you mean 'a1'?", NearestName.Cure("a2", ["a1"]));
        Assert.Equal("the only one is vault.", NearestName.Cure("q", ["vault"]));
        Assert.Equal("known are a1, b1 and c1.", NearestName.Cure("zzzz", ["a1", "b1", "c1"]));
        Assert.Equal("there are none.", NearestName.Cure("q", []));
    }
}
