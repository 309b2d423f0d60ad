using NasSync.Files;
using NasSync.Tests.Support;

namespace NasSync.Tests.Files;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly SafeRoot _root;

    public AtomicFileTests() => _root = SafeRoot.Open(_temp.Path);

    [Fact]
    public void The_final_name_appears_with_the_commit_and_the_part_is_gone()
    {
        using var file = Begin();
        RandomAccess.Write(file.Handle, "music"u8, 0);
        Assert.DoesNotContain("song.m4a", Names());
        Assert.True(file.Commit(null));
        Assert.Equal(["song.m4a"], Names());
    }

    [Fact]
    public void Without_a_commit_nothing_is_left()
    {
        using (var file = Begin()) RandomAccess.Write(file.Handle, "music"u8, 0);
        Assert.Empty(Names());
    }

    [Fact]
    public void A_file_that_appeared_meanwhile_is_never_replaced()
    {
        using (var file = Begin())
        {
            File.WriteAllText(In("song.m4a"), "someone else's");
            Assert.False(file.Commit(null));
        }

        Assert.Equal("someone else's", File.ReadAllText(In("song.m4a")));
        Assert.Equal(["song.m4a"], Names());
    }

    [Fact]
    public void Only_the_very_file_that_was_seen_is_replaced()
    {
        File.WriteAllText(In("song.m4a"), "old");
        var seen = _root.Stat(RelativePath.Parse("song.m4a"))!.Value.State;
        using (var file = Begin()) Assert.True(file.Commit(seen));
        Assert.Equal("", File.ReadAllText(In("song.m4a")));

        File.WriteAllText(In("song.m4a"), "changed by someone");
        using (var file = Begin()) Assert.False(file.Commit(seen));
        Assert.Equal("changed by someone", File.ReadAllText(In("song.m4a")));
    }

    [Fact]
    public void A_file_that_was_to_be_replaced_may_have_gone()
    {
        using var file = Begin();
        Assert.True(file.Commit(new FileState(3, 0, 1, 1)));
    }

    [Fact]
    public void The_part_name_fits_the_longest_name_and_is_cut_between_characters()
    {
        var part = AtomicFile.PartName(string.Concat(Enumerable.Repeat("🎵", 63)) + ".m", "x");
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(part), 100, 255);
        Assert.DoesNotContain('\uFFFD', part);
        Assert.True(RelativePath.TryParse(part, out _, out _));
    }

    [Fact]
    public void The_part_name_is_stable_for_the_same_content_and_differs_for_another()
    {
        Assert.Equal(AtomicFile.PartName("a", "1"), AtomicFile.PartName("a", "1"));
        Assert.NotEqual(AtomicFile.PartName("a", "1"), AtomicFile.PartName("a", "2"));
        Assert.NotEqual(AtomicFile.PartName("a", "1"), AtomicFile.PartName("b", "1"));
    }

    public void Dispose()
    {
        _root.Dispose();
        _temp.Dispose();
    }

    private AtomicFile Begin() => new(_root.OpenFolder(null, create: false), "song.m4a", "fingerprint");

    private string In(string name) => Path.Combine(_temp.Path, name);

    private IEnumerable<string?> Names() => Directory.EnumerateFileSystemEntries(_temp.Path).Select(Path.GetFileName);
}
