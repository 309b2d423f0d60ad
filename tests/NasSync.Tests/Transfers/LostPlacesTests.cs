using NasSync.Config;
using NasSync.Destinations.Places;
using NasSync.Ledgers;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

/// <summary>
/// The ledger is lost and the NAS is not mounted, both at once: what a place is outlives the ledger, and nothing goes to the folder below.
/// </summary>
public sealed class LostPlacesTests : IDisposable
{
    private readonly SyncWorld _world = new();

    private string Work => _world.Config.WorkDir;

    private string Marker => Path.Combine(_world.Nas, PlaceMarker.Name);

    private string Places => Path.Combine(Work, PlacesFile.FileName);

    private string Source => Path.Combine(_world.Outputs, "job_1/a.m4a");

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData("deleted")]
    [InlineData("deleted with its mark")]
    [InlineData("damaged")]
    public Task Nothing_is_written_to_the_folder_below_nor_released_until_the_place_is_seen_again(string how) => IsWaitedForAsync(how);

    [RequiresFact("linux", "rsync")]
    public Task Nothing_is_written_by_rsync_to_the_folder_below_nor_released_until_the_place_is_seen_again()
    {
        UseRsync();
        return IsWaitedForAsync("deleted");
    }

    private async Task IsWaitedForAsync(string how)
    {
        await SyncAsync();
        Lose(how);
        Unmount();
        _world.Config = _world.Config with { Routes = [.. _world.Config.Routes.Select(route => route with { Release = ReleasePolicy.Delete })] };

        for (var run = 0; run < 3; run++) await ExpectUnavailableAsync();
        Assert.Empty(Directory.EnumerateFileSystemEntries(_world.Nas));
        Assert.True(File.Exists(Source));

        Mount();
        Assert.Equal(1, (await _world.SyncAsync()).AlreadyPresent);
        Assert.Equal(["job_1/a.m4a"], _world.NasFiles());
    }

    [Fact]
    public async Task A_place_that_is_accepted_empty_is_filled_again_by_the_next_whole_run_and_only_by_that()
    {
        await SyncAsync();
        _world.Job("job_2").Add("b.m4a", "audio").Write();
        await _world.SyncAsync();
        Directory.Delete(_world.Nas, recursive: true);
        Directory.CreateDirectory(_world.Nas);
        using (var ledger = Ledger.Open(Work)) Assert.True(ledger.ForgetPlace(_world.Nas));

        var plans = (await _world.RunAsync(new() { DryRun = true })).OfType<TransferEvent.Planned>();
        Assert.All(plans.SelectMany(planned => planned.Plan.Items), item => Assert.Equal(PlanAction.Copy, item.Action));
        Assert.Equal(1, (await _world.SyncAsync(new() { Paths = [Path.Combine(_world.Outputs, "job_1")] })).Committed);
        var whole = await _world.SyncAsync();
        Assert.Equal((1, 0), (whole.Committed, whole.Failed));
        Assert.Equal(["job_1/a.m4a", "job_2/b.m4a"], _world.NasFiles());

        File.Delete(Path.Combine(_world.Nas, "job_1/a.m4a"));
        Assert.Equal(2, (await _world.SyncAsync()).Unchanged);
    }

    [Fact]
    public async Task A_plan_says_the_same()
    {
        await SyncAsync();
        Lose("deleted");
        Unmount();
        await ExpectUnavailableAsync(new() { DryRun = true });
        File.Delete(Places);
        await ExpectUnavailableAsync(new() { DryRun = true });
    }

    [Fact]
    public async Task What_an_older_version_knew_of_its_places_is_kept_from_the_first_run_on()
    {
        await SyncAsync();
        File.Delete(Places);
        await _world.SyncAsync();
        Lose("deleted");
        Unmount();
        await ExpectUnavailableAsync();
    }

    [Fact]
    public async Task Where_nothing_outlived_the_ledger_no_folder_is_marked_by_itself_until_it_is_accepted_also_not_by_later_runs()
    {
        await SyncAsync();
        Lose("deleted");
        File.Delete(Places);
        Unmount();
        for (var run = 0; run < 3; run++) await ExpectUnavailableAsync();
        Assert.Empty(Directory.EnumerateFileSystemEntries(_world.Nas));

        using (var ledger = Ledger.Open(Work)) Assert.True(ledger.ForgetPlace(_world.Nas));
        Assert.Equal(1, (await _world.SyncAsync()).Committed);
        Assert.True(File.Exists(Marker));
    }

    [Fact]
    public async Task That_nobody_knows_all_places_is_known_also_after_the_file_was_damaged_once_more()
    {
        await SyncAsync();
        Lose("deleted");
        File.Delete(Places);
        Unmount();
        await ExpectUnavailableAsync();
        File.WriteAllText(Places, "{");
        await ExpectUnavailableAsync();
        File.Delete(Places);
        await ExpectUnavailableAsync();
        Assert.Empty(Directory.EnumerateFileSystemEntries(_world.Nas));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task A_place_whose_files_were_only_taken_for_copies_is_known_again(bool isLost) => IsKnownByAdoptedCopiesAsync(isLost);

    [RequiresFact("linux", "rsync")]
    public Task A_target_of_rsync_whose_files_were_only_taken_for_copies_is_known_again()
    {
        UseRsync();
        return IsKnownByAdoptedCopiesAsync(isLost: true);
    }

    // Everything is there already when the first run comes, without a marker; then the place goes away, and perhaps the ledger too.
    private async Task IsKnownByAdoptedCopiesAsync(bool isLost)
    {
        await SyncAsync();
        Directory.Delete(Work, recursive: true);
        File.Delete(Marker);
        Assert.Equal(1, (await _world.SyncAsync()).AlreadyPresent);
        if (isLost) Lose("deleted");
        Unmount();
        _world.Job("job_2").Add("b.m4a", "audio").Write();
        _world.Config = _world.Config with { Routes = [.. _world.Config.Routes.Select(route => route with { Release = ReleasePolicy.Delete })] };

        for (var run = 0; run < 2; run++)
        {
            var failed = (await _world.RunAsync()).OfType<TransferEvent.Failed>().Select(one => one.Failure.Code).ToList();
            Assert.NotEmpty(failed);
            Assert.All(failed, code => Assert.Equal("DestinationUnavailable", code));
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(_world.Nas));
        Assert.True(File.Exists(Path.Combine(_world.Outputs, "job_2/b.m4a")));
    }

    [Fact]
    public async Task Where_nothing_outlived_the_ledger_the_marker_that_stands_there_is_taken()
    {
        await SyncAsync();
        Lose("deleted");
        File.Delete(Places);
        Assert.Equal(1, (await _world.SyncAsync()).AlreadyPresent);
        Unmount();
        _world.Job("job_2").Add("a.m4a", "audio").Write();
        await ExpectUnavailableAsync();
    }

    [Fact]
    public Task A_place_that_is_new_is_not_made_in_an_empty_folder_from_which_another_one_has_gone_until_it_is_accepted() =>
        IsNotMadeAsync(byRsync: false);

    [RequiresFact("linux", "rsync")]
    public Task A_new_target_of_rsync_is_not_made_in_an_empty_folder_from_which_another_one_has_gone_until_it_is_accepted() =>
        IsNotMadeAsync(byRsync: true);

    private async Task IsNotMadeAsync(bool byRsync)
    {
        var (mount, away) = (Path.Combine(_world.Root, "mnt"), Path.Combine(_world.Root, "away"));
        var (first, second) = (Path.Combine(mount, "audio"), Path.Combine(mount, "video"));
        Directory.CreateDirectory(mount);
        RouteTo(first, byRsync, ReleasePolicy.Keep);
        await SyncAsync();
        Directory.Move(mount, away);
        Directory.CreateDirectory(mount);

        RouteTo(second, byRsync, ReleasePolicy.Delete);
        await ExpectUnavailableAsync(new() { DryRun = true });
        await ExpectUnavailableAsync();
        Assert.Contains(first, Assert.Single(await _world.FailuresAsync()).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(mount));
        Assert.True(File.Exists(Source));

        using (var ledger = Ledger.Open(Work)) Assert.True(ledger.ForgetPlace(second));
        Assert.Equal(1, (await _world.SyncAsync()).Committed);
        Assert.True(File.Exists(Path.Combine(second, PlaceMarker.Name)));
    }

    [Fact]
    public async Task A_lost_ledger_keeps_no_new_place_waiting_because_the_file_lists_all_places_that_were_copied_to()
    {
        await SyncAsync();
        Lose("deleted");
        var other = Path.Combine(_world.Root, "other");
        _world.Route = new Route { Number = 1, To = [other + "/${jobId}"] };
        Assert.Equal(1, (await _world.SyncAsync()).Committed);
        Assert.True(File.Exists(Path.Combine(other, PlaceMarker.Name)));
    }

    [Fact]
    public async Task Without_that_file_a_new_place_waits_until_it_is_accepted()
    {
        await SyncAsync();
        Lose("deleted");
        File.Delete(Places);
        var other = Path.Combine(_world.Root, "other");
        _world.Route = new Route { Number = 1, To = [other + "/${jobId}"] };
        for (var run = 0; run < 2; run++) await ExpectUnavailableAsync();
        Assert.False(Directory.Exists(other));
        using (var ledger = Ledger.Open(Work)) Assert.True(ledger.ForgetPlace(other));
        Assert.Equal(1, (await _world.SyncAsync()).Committed);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("{\"knowsAll\":true,\"places\":{\"/x\":{}}}")]
    [InlineData("[1]")]
    public async Task A_file_of_places_that_cannot_be_understood_is_made_anew_from_the_ledger(string content)
    {
        await SyncAsync();
        File.WriteAllText(Places, content);
        Assert.Equal(0, (await _world.SyncAsync()).Failed);
        Lose("deleted");
        Unmount();
        await ExpectUnavailableAsync();
    }

    [Fact]
    public async Task A_place_that_was_accepted_is_forgotten_in_both()
    {
        await SyncAsync();
        Unmount();
        using (var ledger = Ledger.Open(Work)) Assert.True(ledger.ForgetPlace(_world.Nas));
        Lose("deleted");
        Assert.Equal(1, (await _world.SyncAsync()).Committed);
    }

    [Fact]
    public async Task An_older_state_of_the_ledger_knows_less_of_a_place_than_the_file_beside_it()
    {
        await SyncAsync();
        var older = File.ReadAllBytes(Path.Combine(Work, Ledger.FileName));
        File.Delete(Marker);
        using (var ledger = Ledger.Open(Work)) Assert.True(ledger.ForgetPlace(_world.Nas));
        _world.Job("job_2").Add("a.m4a", "audio").Write();
        await _world.SyncAsync();
        File.WriteAllBytes(Path.Combine(Work, Ledger.FileName), older);
        Assert.Equal(0, (await _world.SyncAsync()).Failed);
    }

    [Fact]
    public async Task The_outputs_folder_is_known_again_without_the_ledger_too()
    {
        var marker = Path.Combine(_world.Outputs, ".nassync-source");
        File.WriteAllText(marker, "");
        await SyncAsync();
        Lose("deleted");
        File.Delete(marker);
        Assert.Equal("SourceUnavailable", Assert.Single(await _world.FailuresAsync()).Code);
        using (var ledger = Ledger.Open(Work)) Assert.True(ledger.ForgetSource(_world.Outputs));
        Assert.Equal(1, (await _world.SyncAsync()).AlreadyPresent);
    }

    private async Task SyncAsync()
    {
        _world.Job().Add("a.m4a", "audio").Write();
        var result = await _world.SyncAsync();
        Assert.Equal((1, 0), (result.Committed, result.Failed));
    }

    private void RouteTo(string folder, bool byRsync, ReleasePolicy release) => _world.Config = _world.Config with
    {
        Destinations = new Dictionary<string, DestinationConfig> { ["box"] = new RsyncDestinationConfig { Name = "box", Target = folder } },
        Routes = [new Route { Number = 1, To = [byRsync ? "box:${jobId}" : folder + "/${jobId}"], Release = release }],
    };

    private void UseRsync() => _world.Config = _world.Config with
    {
        Destinations = new Dictionary<string, DestinationConfig> { ["box"] = new RsyncDestinationConfig { Name = "box", Target = _world.Nas } },
        Routes = [new Route { Number = 1, To = ["box:${jobId}"] }],
    };

    private void Lose(string how)
    {
        var file = Path.Combine(Work, Ledger.FileName);
        if (how == "damaged") File.WriteAllText(file, new string('x', 8192));
        else File.Delete(file);
        if (how.EndsWith("mark", StringComparison.Ordinal)) File.Delete(Path.Combine(Work, "ledger.made"));
    }

    // An empty folder in the place of the one that was copied to is what an unmounted NAS leaves.
    private void Unmount()
    {
        Directory.Move(_world.Nas, _world.Nas + ".away");
        Directory.CreateDirectory(_world.Nas);
    }

    private void Mount()
    {
        Directory.Delete(_world.Nas);
        Directory.Move(_world.Nas + ".away", _world.Nas);
    }

    private async Task ExpectUnavailableAsync(SyncRequest? request = null)
    {
        var events = await _world.RunAsync(request);
        var failure = Assert.Single(events.OfType<TransferEvent.Failed>()).Failure;
        Assert.Equal((FailureClass.Unavailable, "DestinationUnavailable"), (failure.Class, failure.Code));
        Assert.Contains("nassync destination accept", failure.Hint, StringComparison.Ordinal);
        Assert.Equal(ExitCode.DestinationUnavailable, ((TransferEvent.Finished)events[^1]).Result.ExitCode);
    }
}
