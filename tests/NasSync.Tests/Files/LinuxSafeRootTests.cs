using NasSync.Files;
using NasSync.Tests.Support;

namespace NasSync.Tests.Files;

public sealed class LinuxSafeRootTests : SafeRootContract
{
    [Fact]
    public void A_link_to_a_place_below_the_root_is_followed()
    {
        using var temp = new TempFolder();
        File.WriteAllText(Path.Combine(temp.Path, "song.m4a"), "music");
        File.CreateSymbolicLink(Path.Combine(temp.Path, "latest"), "song.m4a");
        using var root = Open(temp.Path);
        Assert.Equal(5, root.Stat(RelativePath.Parse("latest"))!.Value.State.Size);
    }

    [Fact]
    public void A_held_folder_stays_the_same_when_its_path_is_swapped_for_a_link()
    {
        using var temp = new TempFolder();
        var (inside, outside) = (Path.Combine(temp.Path, "root/album"), Path.Combine(temp.Path, "outside"));
        Directory.CreateDirectory(inside);
        Directory.CreateDirectory(outside);
        using var root = Open(Path.Combine(temp.Path, "root"));
        using var folder = root.OpenFolder(RelativePath.Parse("album"), create: false);
        Directory.Move(inside, inside + ".moved");
        Directory.CreateSymbolicLink(inside, outside);
        folder.CreateNew("song.m4a").Dispose();
        Assert.Empty(Directory.EnumerateFileSystemEntries(outside));
        Assert.True(File.Exists(inside + ".moved/song.m4a"));
    }

    [RequiresFact("mkfifo")]
    public void A_FIFO_is_refused_without_waiting_for_a_writer()
    {
        using var temp = new TempFolder();
        System.Diagnostics.Process.Start("mkfifo", [temp["pipe"]])!.WaitForExit();
        using var root = Open(temp.Path);
        var error = Assert.Throws<FailureException>(() => root.OpenRead(RelativePath.Parse("pipe"), out _));
        Assert.Equal("NotAFile", error.Failure.Code);
    }

    [Fact]
    public void The_time_of_last_change_is_kept_to_the_nanosecond()
    {
        using var temp = new TempFolder();
        using var root = Open(temp.Path);
        using var folder = root.OpenFolder(null, create: false);
        using var file = folder.CreateNew("song.m4a");
        foreach (var mtime in new[] { 1_768_392_000_123_456_789L, 0L, -1L, 4_102_444_800_000_000_001L })
        {
            OpenFiles.SetMtime(file, mtime);
            Assert.Equal(mtime, OpenFiles.Stat(file).State.MtimeNs);
        }
    }

    private protected override SafeRoot Open(string path) => LinuxSafeRoot.OpenAt(path);
}

public sealed class LinuxSafeRootWithoutOpenat2Tests : SafeRootContract
{
    private protected override SafeRoot Open(string path) => LinuxSafeRoot.OpenAt(path, withoutOpenat2: true);
}
