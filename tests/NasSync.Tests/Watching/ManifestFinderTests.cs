using System.Diagnostics;
using NasSync.Tests.Support;
using NasSync.Watching;

namespace NasSync.Tests.Watching;

public sealed class ManifestFinderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void A_manifest_a_job_folder_and_an_outputs_folder_are_told_apart()
    {
        Job("b");
        Job("a");
        Job("B");
        _folder.MakeFolder("empty");
        _folder.Write("other.json", "{}");

        Assert.Equal([_folder["other.json"]], ManifestFinder.Find(_folder["other.json"]));
        Assert.Equal([_folder["a/manifest.json"]], ManifestFinder.Find(_folder["a"]));
        Assert.Equal(["B/manifest.json", "a/manifest.json", "b/manifest.json"], Found(_folder.Path));
        Assert.Empty(ManifestFinder.Find(_folder["empty"]));
    }

    [Fact]
    public void Folders_that_are_being_made_or_belong_to_the_system_are_left_out()
    {
        foreach (var name in new[] { "job_1.tmp", ".hidden", "lost+found", "#recycle", "@eaDir", "job_2" }) Job(name);

        Assert.Equal(["job_2/manifest.json"], Found(_folder.Path));
        Assert.Equal(["job_2/manifest.json"], Found(_folder.Path, recurse: true));
        Assert.Equal([_folder["job_1.tmp/manifest.json"]], ManifestFinder.Find(_folder["job_1.tmp"]));
    }

    [RequiresFact("linux")]
    public void A_folder_whose_name_is_no_text_is_left_out_and_named_once()
    {
        _folder.HoldsUnreadableNames = true;
        foreach (var name in new[] { "a", "odd \uFFFD" }) Job(name);
        using (var shell = Process.Start("sh", ["-c", "cp -r \"$1/a\" \"$1/$(printf 'caf\\351 \\303')\"", "sh", _folder.Path])) shell.WaitForExit();
        var notices = new List<Notice>();
        var found = ManifestFinder.Find(_folder.Path, tell: notices.Add).Select(path => Path.GetRelativePath(_folder.Path, path)).ToList();
        Assert.Equal(["a/manifest.json", "odd \uFFFD/manifest.json"], found);
        var notice = Assert.Single(notices);
        Assert.Equal("NameUnreadable", notice.Code);
        Assert.EndsWith(@": 'caf\xe9\x20\xc3'.", notice.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_whole_tree_is_searched_only_when_asked_and_without_following_links()
    {
        foreach (var name in new[] { "2026/02/x", "2026/01/y", "2026/01/y/parts", "2025" }) Job(name);
        Directory.CreateSymbolicLink(_folder["2026/loop"], _folder.Path);
        Directory.CreateSymbolicLink(_folder["linked"], _folder["2025"]);

        Assert.Equal(["2025/manifest.json", "linked/manifest.json"], Found(_folder.Path));
        Assert.Equal(
            ["2025/manifest.json", "2026/01/y/manifest.json", "2026/01/y/parts/manifest.json", "2026/02/x/manifest.json"],
            Found(_folder.Path, recurse: true));
    }

    [Fact]
    public void A_path_that_is_not_there_is_a_failure_at_once()
    {
        var failure = Assert.Throws<FailureException>(() => ManifestFinder.Find(_folder["nowhere"])).Failure;

        Assert.Equal((FailureClass.Gone, "PathNotFound"), (failure.Class, failure.Code));
        Assert.Contains(_folder["nowhere"], failure.Message, StringComparison.Ordinal);
        Assert.NotEmpty(failure.Hint);
    }

    [Fact]
    public void Ten_thousand_jobs_are_found_while_the_caller_asks()
    {
        using var outputs = new TempFolder(Directory.Exists("/dev/shm") ? "/dev/shm" : null); // so many files take long on a disk
        for (var i = 0; i < 10_000; i++) outputs.Write($"job_{i:d5}/manifest.json", "");
        using var found = ManifestFinder.Find(outputs.Path).GetEnumerator();
        Assert.True(found.MoveNext());
        Assert.Equal(outputs["job_00000/manifest.json"], found.Current);
        File.Delete(outputs["job_00001/manifest.json"]); // a job that is taken away meanwhile is not given any more

        var before = GC.GetAllocatedBytesForCurrentThread();
        var count = 1;
        while (found.MoveNext()) count++;
        Assert.Equal(9_999, count);
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / count, 0, 1024);
    }

    [Fact]
    public void A_folder_that_is_no_job_is_passed_over_but_a_dead_link_is_given_so_that_reading_tells()
    {
        _folder.MakeFolder("a/manifest.json");
        _folder.MakeFolder("b");
        File.CreateSymbolicLink(_folder["b/manifest.json"], _folder["nowhere"]);
        Job("c");

        Assert.Equal(["b/manifest.json", "c/manifest.json"], Found(_folder.Path));
        Assert.Equal("EscapesJob", Assert.Throws<FailureException>(() => ManifestFile.Read(_folder["b/manifest.json"])).Failure.Code);
    }

    [Fact]
    public void A_folder_that_is_removed_while_the_tree_is_searched_ends_nothing()
    {
        Job("a");
        Job("b");
        using var found = ManifestFinder.Find(_folder.Path, recurse: true).GetEnumerator();
        Assert.True(found.MoveNext());
        Assert.Equal(_folder["a/manifest.json"], found.Current);
        Directory.Delete(_folder["a"], recursive: true);

        Assert.True(found.MoveNext());
        Assert.Equal(_folder["b/manifest.json"], found.Current);
    }

    [Fact]
    public void Relative_paths_come_out_full()
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, _folder.Path);
        Job("c");
        Assert.Equal([_folder["c/manifest.json"]], ManifestFinder.Find(relative + "/./x/../c/"));
    }

    public void Dispose() => _folder.Dispose();

    private void Job(string folder) => _folder.Write(folder + "/manifest.json", "{}");

    private string[] Found(string path, bool recurse = false) =>
        [.. ManifestFinder.Find(path, recurse).Select(file => Path.GetRelativePath(_folder.Path, file))];
}
