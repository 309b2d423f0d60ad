using System.Text;
using NasSync.Destinations.Pipeline;
using NasSync.Tests.Support;
using NasSync.Transfers;
using NasSync.Watching;

namespace NasSync.Tests.Transfers;

/// <summary>
/// A job folder, or its manifest, that is a symbolic link or is swapped for one: a producer may not read or remove by it what only NasSync may.
/// </summary>
public sealed class LinkedJobTests : IDisposable
{
    private readonly SyncWorld _world = new();
    private readonly SampleJob _outside;

    public LinkedJobTests()
    {
        _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}/${jobId}"], Release = ReleasePolicy.Delete };
        _outside = new SampleJob(Path.Combine(_world.Root, "outside")).Add("a.m4a", "audio");
        _outside.Write();
    }

    [Theory]
    [InlineData("in the outputs folder")]
    [InlineData("named")]
    [InlineData("named with a slash")]
    [InlineData("named by its manifest")]
    public async Task A_linked_job_folder_is_refused_and_nothing_behind_it_is_copied_or_removed(string how)
    {
        var link = Link();
        _world.Job("good").Add("b.m4a", "audio").Write();
        string[] paths = how switch
        {
            "named" => [link],
            "named with a slash" => [link + "/"],
            "named by its manifest" => [Path.Combine(link, "manifest.json")],
            _ => [],
        };
        var events = await _world.RunAsync(new SyncRequest { Paths = paths });
        var failure = Assert.Single(Failures(events));
        Assert.Equal((FailureClass.Escape, "EscapesJob"), (failure.Class, failure.Code));
        Assert.StartsWith($"{link} is a symbolic link", failure.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.SafetyStop, Result(events).ExitCode);
        Assert.Equal(paths.Length > 0 ? [] : ["good/b.m4a"], _world.NasFiles());
        AssertUntouched();
    }

    [Fact]
    public async Task Where_the_configuration_allows_it_a_linked_job_is_copied_and_its_source_stays_and_that_is_said()
    {
        Link();
        _world.Config = _world.Config with { FollowJobLinks = true };
        for (var run = 1; run <= 2; run++)
        {
            var events = await _world.RunAsync();
            Assert.Equal((run == 1 ? 1 : 0, 0, ExitCode.Ok), (Result(events).Committed, Result(events).Failed, Result(events).ExitCode));
            var notice = Assert.Single(events.OfType<TransferEvent.Warned>()).Notice;
            Assert.Equal("SourceKept", notice.Code);
            Assert.Contains("its job folder is a symbolic link", notice.Message, StringComparison.Ordinal);
            AssertUntouched();
        }
    }

    [Fact]
    public async Task A_manifest_that_was_read_through_a_link_is_refused_where_links_are_not_followed()
    {
        var manifest = ManifestFile.Read(Path.Combine(Link(), "manifest.json"), followLinks: true);
        Assert.Equal(["EscapesJob"], Failures(await _world.RunAsync(new SyncRequest { Manifests = [manifest] })).Select(failure => failure.Code));
        AssertUntouched();
    }

    [Theory]
    [InlineData("read")]
    [InlineData("planned")]
    [InlineData("copied")]
    public async Task A_job_folder_that_is_swapped_for_a_link_at_any_moment_is_read_no_more(string when)
    {
        // What is behind the link even has the same manifest, and an artifact of the same name, size and time.
        var job = _world.Job(_outside.JobId).Add("a.m4a", "audio");
        var manifest = ManifestFile.Read(job.Write());
        File.WriteAllText(Path.Combine(_outside.Folder, "a.m4a"), new string('s', File.ReadAllText(Path.Combine(job.Folder, "a.m4a")).Length));
        File.SetLastWriteTimeUtc(Path.Combine(_outside.Folder, "a.m4a"), File.GetLastWriteTimeUtc(Path.Combine(job.Folder, "a.m4a")));
        if (when == "read") Swap();
        if (when == "copied") _world.Wrap = (_, place) => new Interrupted(place, DestinationCall.Commit, Swap);
        var request = new SyncRequest
        {
            Manifests = [manifest],
            Approve = (_, _) =>
            {
                if (when == "planned") Swap();
                return ValueTask.FromResult(true);
            },
        };

        var events = await _world.RunAsync(request);
        Assert.Contains("EscapesJob", Failures(events).Select(failure => failure.Code));
        Assert.Empty(events.OfType<TransferEvent.Released>());
        Assert.DoesNotContain(_world.NasFiles(), file => File.ReadAllText(Path.Combine(_world.Nas, file)).Contains("ss", StringComparison.Ordinal));
        Assert.StartsWith("ss", File.ReadAllText(Path.Combine(_outside.Folder, "a.m4a")), StringComparison.Ordinal);

        void Swap()
        {
            Directory.Move(job.Folder, Path.Combine(_world.Root, "moved"));
            Directory.CreateSymbolicLink(job.Folder, _outside.Folder);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_job_folder_that_another_one_replaces_is_read_only_if_it_holds_the_same_manifest(bool same)
    {
        var job = _world.Job().Add("a.m4a", "audio");
        var manifest = ManifestFile.Read(job.Write());
        Directory.Move(job.Folder, Path.Combine(_world.Root, "moved"));
        var other = _world.Job().Add("a.m4a", "audio");
        if (!same) other.Add("b.m4a", "audio");
        other.Write();

        var events = await _world.RunAsync(new SyncRequest { Manifests = [manifest] });
        Assert.Empty(Failures(events));
        Assert.Equal(same ? 1 : 0, Result(events).Committed);
        Assert.Equal(same ? [] : [SkipKind.Superseded], events.OfType<TransferEvent.Skipped>().Select(skipped => skipped.Kind));
    }

    [Theory]
    [InlineData("link")]
    [InlineData("dead link")]
    [InlineData("link to a file of the job")]
    [InlineData("copy")]
    public async Task Of_a_manifest_that_is_a_secret_nothing_is_told_anywhere(string how)
    {
        const string Secret = "hunter2-Ωmega";
        var job = _world.Job();
        var secret = how.EndsWith("job", StringComparison.Ordinal) ? Path.Combine(job.Folder, "real.json") : Path.Combine(_world.Root, "secret");
        if (how != "dead link") File.WriteAllText(secret, Secret);
        if (how == "copy") File.Copy(secret, job.ManifestPath);
        else File.CreateSymbolicLink(job.ManifestPath, secret);

        var events = await _world.RunAsync();
        Assert.Equal([how == "copy" ? "InvalidManifest" : "EscapesJob"], Failures(events).Select(failure => failure.Code));
        var told = string.Join("\n", events.Select(one => TransferEventJson.ToLine(one)))
            + string.Concat(Directory.EnumerateFiles(_world.Config.WorkDir, "*", SearchOption.AllDirectories)
                .Select(file => Encoding.UTF8.GetString(File.ReadAllBytes(file))));
        Assert.DoesNotContain("hunter", told, StringComparison.OrdinalIgnoreCase);
    }

    [RequiresFact("linux", "mkfifo")]
    public async Task A_manifest_that_is_a_FIFO_is_refused_without_being_opened()
    {
        var job = _world.Job();
        System.Diagnostics.Process.Start("mkfifo", [job.ManifestPath])!.WaitForExit();
        Assert.Equal(["NotAFile"], Failures(await _world.RunAsync()).Select(failure => failure.Code));
    }

    [Fact]
    public async Task Under_watch_a_linked_job_is_refused_once_and_a_loop_of_links_ends()
    {
        var link = Link();
        Directory.CreateSymbolicLink(Path.Combine(_world.Job("good").Folder, "loop"), _world.Outputs);
        await using var run = new EndlessRun(_world);
        var job = await run.SyncAsync(Path.Combine(link, "manifest.json"));
        Assert.Equal(ExitCode.SafetyStop, job.Result.ExitCode);
        await run.SyncAsync(_world.Job("good").Add("b.m4a", "audio").Write());
        Assert.Equal(["EscapesJob"], Failures(run.Events).Select(failure => failure.Code));
        AssertUntouched();
    }

    public void Dispose() => _world.Dispose();

    private string Link()
    {
        var link = Path.Combine(_world.Outputs, "mine");
        Directory.CreateSymbolicLink(link, _outside.Folder);
        return link;
    }

    private void AssertUntouched() => Assert.Equal($"{_outside.JobId}/a.m4a", File.ReadAllText(Path.Combine(_outside.Folder, "a.m4a")));

    private static SyncResult Result(IReadOnlyList<TransferEvent> events) => ((TransferEvent.Finished)events[^1]).Result;

    private static IEnumerable<Failure> Failures(IEnumerable<TransferEvent> events) =>
        events.OfType<TransferEvent.Failed>().Select(failed => failed.Failure);
}
