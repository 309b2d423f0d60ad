using System.Text;
using NasSync.Files;
using NasSync.Tests.Support;

namespace NasSync.Tests.Files;

/// <summary>What every kind of root keeps; the three kinds below run the same cases.</summary>
public abstract class SafeRootContract : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly string _root;

    protected SafeRootContract()
    {
        _root = Directory.CreateDirectory(Path.Combine(_temp.Path, "root")).FullName;
        File.WriteAllText(Path.Combine(_temp.Path, "secret"), "secret");
        File.WriteAllText(Path.Combine(_root, "song.m4a"), "music");
    }

    [Fact]
    public void A_file_below_the_root_is_read()
    {
        using var root = Open(_root);
        using var file = root.OpenRead(RelativePath.Parse("song.m4a"), out var stat);
        Assert.Equal(5, stat.State.Size);
        Assert.Equal(FileKind.Regular, stat.Kind);
        var seen = root.Stat(RelativePath.Parse("song.m4a"))!.Value;
        Assert.Equal((FileKind.Regular, 5), (seen.Kind, seen.State.Size));
        Assert.Equal(stat.State.MtimeNs / 100, seen.State.MtimeNs / 100);
        Assert.Equal("music", Read(file));
    }

    [Fact]
    public void A_missing_file_is_null_to_look_at_and_not_found_to_open()
    {
        using var root = Open(_root);
        Assert.Null(root.Stat(RelativePath.Parse("none")));
        Assert.Null(root.Stat(RelativePath.Parse("no/such/folder")));
        Assert.Throws<FileNotFoundException>(() => root.OpenRead(RelativePath.Parse("none"), out _));
    }

    [Theory]
    [InlineData("../secret")]
    [InlineData("ABSOLUTE")]
    public void A_link_that_leads_out_of_the_root_is_an_escape(string link)
    {
        File.CreateSymbolicLink(Path.Combine(_root, "link"), link == "ABSOLUTE" ? Path.Combine(_temp.Path, "secret") : link);
        using var root = Open(_root);
        AssertEscape(() => root.OpenRead(RelativePath.Parse("link"), out _));
        AssertEscape(() => root.Stat(RelativePath.Parse("link")));
    }

    [Fact]
    public void A_linked_folder_that_leads_out_of_the_root_is_an_escape_for_every_way_in()
    {
        Directory.CreateDirectory(Path.Combine(_temp.Path, "outside"));
        File.WriteAllText(Path.Combine(_temp.Path, "outside", "song.m4a"), "other");
        Directory.CreateSymbolicLink(Path.Combine(_root, "album"), "../outside");
        using var root = Open(_root);
        AssertEscape(() => root.OpenRead(RelativePath.Parse("album/song.m4a"), out _));
        AssertEscape(() => root.Stat(RelativePath.Parse("album/song.m4a")));
        AssertEscape(() => root.OpenFolder(RelativePath.Parse("album"), create: false));
        AssertEscape(() => root.OpenFolder(RelativePath.Parse("album/new"), create: true));
        Assert.False(Directory.Exists(Path.Combine(_temp.Path, "outside", "new")));
    }

    [Fact]
    public void A_folder_is_no_file()
    {
        Directory.CreateDirectory(Path.Combine(_root, "folder"));
        using var root = Open(_root);
        var error = Assert.Throws<FailureException>(() => root.OpenRead(RelativePath.Parse("folder"), out _));
        Assert.Equal("NotAFile", error.Failure.Code);
        Assert.Contains("a folder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Folders_are_made_only_when_asked()
    {
        using var root = Open(_root);
        Assert.Throws<DirectoryNotFoundException>(() => root.OpenFolder(RelativePath.Parse("a/b/c"), create: false));
        Assert.False(Directory.Exists(Path.Combine(_root, "a")));
        root.OpenFolder(RelativePath.Parse("a/b/c"), create: true).Dispose();
        Assert.True(Directory.Exists(Path.Combine(_root, "a/b/c")));
    }

    [Fact]
    public void A_file_where_a_folder_should_be_is_an_error_and_stays()
    {
        using var root = Open(_root);
        Assert.ThrowsAny<IOException>(() => root.OpenFolder(RelativePath.Parse("song.m4a/x"), create: true));
        Assert.Equal("music", File.ReadAllText(Path.Combine(_root, "song.m4a")));
    }

    [Theory]
    [InlineData("with space.m4a")]
    [InlineData("new\nline")]
    [InlineData("-rf")]
    [InlineData("emoji 🎵.m4a")]
    [InlineData("quote'\"$(x)`")]
    [InlineData("e\u0301 NFD")]
    public void Odd_names_keep_their_exact_characters(string name)
    {
        using var root = Open(_root);
        using var folder = root.OpenFolder(null, create: false);
        folder.CreateNew("part").Dispose();
        Assert.True(folder.Rename("part", name, replace: false));
        Assert.Contains(name, Directory.EnumerateFiles(_root).Select(Path.GetFileName));
        Assert.NotNull(root.Stat(RelativePath.Parse(name)));
    }

    [Fact]
    public void A_rename_that_may_not_replace_leaves_what_is_there()
    {
        using var root = Open(_root);
        using var folder = root.OpenFolder(null, create: false);
        folder.CreateNew("part").Dispose();
        Assert.False(folder.Rename("part", "song.m4a", replace: false));
        Assert.Equal("music", File.ReadAllText(Path.Combine(_root, "song.m4a")));
        Assert.True(folder.Rename("part", "song.m4a", replace: true));
        Assert.Equal("", File.ReadAllText(Path.Combine(_root, "song.m4a")));
    }

    [Fact]
    public void A_new_file_takes_the_place_of_a_leftover_and_never_writes_through_a_link()
    {
        File.CreateSymbolicLink(Path.Combine(_root, "part"), "../secret");
        using var root = Open(_root);
        using var folder = root.OpenFolder(null, create: false);
        using (var file = folder.CreateNew("part")) RandomAccess.Write(file, "new"u8, 0);
        Assert.Equal("new", File.ReadAllText(Path.Combine(_root, "part")));
        Assert.Equal("secret", File.ReadAllText(Path.Combine(_temp.Path, "secret")));
    }

    [Fact]
    public void Removing_a_missing_name_is_no_error()
    {
        using var root = Open(_root);
        using var folder = root.OpenFolder(null, create: false);
        folder.Unlink("none");
        folder.Unlink("song.m4a");
        Assert.Null(folder.Stat("song.m4a"));
    }

    public void Dispose()
    {
        _temp.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected abstract SafeRoot Open(string path);

    private static void AssertEscape(Func<object?> use) => Assert.Equal(FailureClass.Escape, Assert.Throws<FailureException>(use).Failure.Class);

    private static string Read(Microsoft.Win32.SafeHandles.SafeFileHandle file)
    {
        var buffer = new byte[100];
        return Encoding.UTF8.GetString(buffer, 0, RandomAccess.Read(file, buffer, 0));
    }
}

public sealed class PortableSafeRootTests : SafeRootContract
{
    private protected override SafeRoot Open(string path) => PortableSafeRoot.OpenAt(path);
}
