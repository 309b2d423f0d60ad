namespace NasSync.Tests.Vocabulary;

public sealed class TargetKeyTests
{
    [Fact]
    public void Two_roots_of_one_destination_are_two_places()
    {
        var one = new Target { Destination = "rsync", Root = "vault:/audio", Path = RelativePath.Parse("song") };
        Assert.NotEqual(one.Key, (one with { Root = "vault:/video" }).Key);
        Assert.Equal(one.Key, (one with { Root = "vault:/audio/" }).Key);
    }
}
