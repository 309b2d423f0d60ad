using NasSync.Ledgers;
using NasSync.Planning;
using NasSync.Tests.Support;

namespace NasSync.Tests.Ledgers;

/// <summary>What is remembered of copies between their naming and their record.</summary>
public sealed class UnrecordedCopiesTests : IDisposable
{
    private static readonly Target Song = InMemory.Target("song.m4a"), Film = InMemory.Target("film.mkv");
    private static readonly UnrecordedCopy First =
        InMemory.Unrecorded("song.m4a", 3, 1_700_000_000_123_456_789, "abc") with { Artifact = "a \"b\"\n.m4a" };
    private static readonly UnrecordedCopy Second = InMemory.Unrecorded("film.mkv", 3, 1_700_000_000_123_456_789, null);

    private readonly TempFolder _folder = new();

    private string File => _folder[UnrecordedCopies.FileName];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_a_killed_run_wrote_is_known_to_the_next()
    {
        // Never disposed, as in a process that was killed; what it wrote is in the file already.
        var killed = UnrecordedCopies.Open(_folder.Path);
        killed.Add(First);
        killed.Add(Second);
        using var next = UnrecordedCopies.OpenReadOnly(_folder.Path);
        Assert.Equal([First], next.At(Song));
        Assert.Equal([Second], next.At(Film));
        Assert.Empty(next.At(InMemory.Target("other.m4a")));
    }

    [Fact]
    public void What_was_recorded_is_forgotten_and_the_rest_stays()
    {
        using (var run = UnrecordedCopies.Open(_folder.Path))
        {
            run.Add(First);
            run.Add(Second);
            run.Settled(Song);
        }

        using (var next = UnrecordedCopies.Open(_folder.Path))
        {
            Assert.Empty(next.At(Song));
            Assert.Equal([Second], next.At(Film));
            next.Settled(Film);
        }

        Assert.False(System.IO.File.Exists(File));
    }

    [Fact]
    public void A_run_that_names_nothing_leaves_no_file()
    {
        UnrecordedCopies.Open(_folder.Path).Dispose();
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("{\"Target\":\"cut o")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"Target\":7}")]
    [InlineData("{\"Target\":{\"Destination\":\"nas\",\"Root\":\"/\",\"Path\":\"../up\"},"
        + "\"Requested\":{\"Destination\":\"nas\",\"Root\":\"/\",\"Path\":\"up\"},\"JobId\":\"j\",\"Artifact\":\"a\",\"Generation\":\"g\"}")]
    public void A_line_that_was_cut_off_tells_of_nothing_and_the_others_count(string line)
    {
        var killed = UnrecordedCopies.Open(_folder.Path);
        killed.Add(First);
        System.IO.File.WriteAllText(File, line + "\n" + System.IO.File.ReadAllText(File) + line);
        using var next = UnrecordedCopies.OpenReadOnly(_folder.Path);
        Assert.Equal([First], next.At(Song));
    }

    [Fact]
    public void A_line_behind_one_that_was_cut_off_is_read()
    {
        var killed = UnrecordedCopies.Open(_folder.Path);
        killed.Add(First);
        using (var file = new FileStream(File, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) file.Write("{\"Target\":\"cut o"u8);
        var another = UnrecordedCopies.Open(_folder.Path);
        another.Add(Second);
        using var next = UnrecordedCopies.OpenReadOnly(_folder.Path);
        Assert.Equal([First], next.At(Song));
        Assert.Equal([Second], next.At(Film));
    }

    [Fact]
    public void What_could_not_be_written_is_written_by_the_next_try()
    {
        using var run = UnrecordedCopies.Open(_folder.Path);
        Directory.CreateDirectory(File);
        Assert.Throws<FailureException>(() => run.Add(First));
        Assert.Empty(run.At(Song));
        Directory.Delete(File);
        run.Add(First);
        using var next = UnrecordedCopies.OpenReadOnly(_folder.Path);
        Assert.Equal([First], next.At(Song));
    }

    [Fact]
    public void Only_the_last_eight_are_kept_of_one_target_and_the_same_one_once()
    {
        using var run = UnrecordedCopies.Open(_folder.Path);
        for (var i = 0; i < 10; i++)
        {
            run.Add(First with { Source = new FileState(i, 1, 2, 3) });
            run.Add(First with { Source = new FileState(i, 1, 2, 3) });
        }

        Assert.Equal([2L, 3, 4, 5, 6, 7, 8, 9], run.At(Song).Select(copy => copy.Source.Size));
    }

    [Fact]
    public void A_copy_that_could_not_be_written_takes_no_other_ones_place()
    {
        using var run = UnrecordedCopies.Open(_folder.Path);
        Directory.CreateDirectory(File);
        for (var i = 0; i < 8; i++) Assert.Throws<FailureException>(() => run.Add(First with { Source = new FileState(i, 1, 2, 3) }));
        Directory.Delete(File);
        for (var i = 0; i < 8; i++) run.Add(First with { Source = new FileState(i, 1, 2, 3) });
        run.Dispose();
        System.IO.File.Delete(File);
        Directory.CreateDirectory(File);
        Assert.Throws<FailureException>(() => run.Add(First));
        Assert.Equal([0L, 1, 2, 3, 4, 5, 6, 7], run.At(Song).Select(copy => copy.Source.Size));
        Directory.Delete(File);
        run.Add(First);
        Assert.Equal([1L, 2, 3, 4, 5, 6, 7, First.Source.Size], run.At(Song).Select(copy => copy.Source.Size));
    }

    [Fact]
    public void The_file_stays_small_over_a_long_run()
    {
        using var run = UnrecordedCopies.Open(_folder.Path);
        var longest = 0L;
        for (var i = 0; i < 60_000; i++)
        {
            run.Add(First with { Source = new FileState(i, 1, 2, 3) });
            run.Settled(Song);
            longest = Math.Max(longest, new FileInfo(File).Length);
        }

        Assert.InRange(longest, 4_000_000, 4_300_000);
    }
}
