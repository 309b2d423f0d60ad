namespace NasSync.Tests.Vocabulary;

public sealed class TargetKeyTests
{
    [Fact]
    public void Two_roots_of_one_destination_are_two_places()
    {
        var one = new Target { Destination = "rsync", Root = "vault:/audio", Path = "song" };
        Assert.NotEqual(one.Key, (one with { Root = "vault:/video" }).Key);
        Assert.Equal(one.Key, (one with { Root = "vault:/audio/" }).Key);
    }

    [Theory]
    [InlineData("local", "/Nas/audio//", "a/Song.m4a", "/NAS/AUDIO/A/SONG.M4A")]
    [InlineData("local", "/", "Song.m4a", "/SONG.M4A")]
    [InlineData("studio", "audio/", "Song.m4a", "STUDIO:AUDIO/SONG.M4A")]
    [InlineData("studio", "", "Song.m4a", "STUDIO:/SONG.M4A")]
    [InlineData("studio", "audio", "Été.m4a", "STUDIO:AUDIO/ÉTÉ.M4A")]
    [InlineData("local", "/Näs", "Song.m4a", "/NÄS/SONG.M4A")]
    public void A_key_is_the_place_in_upper_case(string destination, string root, string path, string key) =>
        Assert.Equal(key, new Target { Destination = destination, Root = root, Path = path }.Key);
}
