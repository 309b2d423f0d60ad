using NasSync.Config;
using NasSync.Destinations.Places;
using NasSync.Files;
using NasSync.Ledgers;
using NasSync.Tests.Support;

namespace NasSync.Tests.Transfers;

/// <summary>Names of NasSync's own as targets: refused before a byte moves; and what an older version has put there stays.</summary>
public sealed class ReservedTargetTests : IDisposable
{
    private readonly SyncWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData(".song.m4a.00000000.nassync-part", "${remoteRoots.nas}", null)]
    [InlineData(".NASSYNC-destination", "${remoteRoots.nas}", null)]
    [InlineData("song.m4a", "${remoteRoots.nas}/${label}", null, ".nassync-partial")]
    [InlineData("song.m4a", "${remoteRoots.nas}/a", "${label}", ".nassync-destination")]
    [InlineData("song.m4a", "${remoteRoots.nas}/a", "${label}", "song.nassync-part\u200b")]
    [InlineData("song.m4a", "${remoteRoots.nas}/.nassync-x", null)]
    [InlineData("song.m4a", "box:a", "${label}", ".nassync-destination")]
    [InlineData("song.m4a", "studio:a", "${label}", ".nassync-destination")]
    [InlineData("song.m4a", "cloud:a", "${label}", ".nassync-destination")]
    public async Task A_name_of_ours_is_refused_in_the_plan_whatever_it_comes_from(string artifact, string to, string? name, string? label = null)
    {
        _world.Config = _world.Config with
        {
            Routes = [new Route { Number = 1, Kind = "audio", To = [to], As = name }, new Route { Number = 2, To = ["${remoteRoots.nas}/b"] }],
        };
        Describe(
            new RsyncDestinationConfig { Name = "box", Target = _world.Nas + "/" },
            new SftpDestinationConfig { Name = "studio", Host = "127.0.0.1", Port = 1, Root = "/x" },
            new S3DestinationConfig { Name = "cloud", Bucket = "bucket", Endpoint = new Uri("http://127.0.0.1:1") });
        _world.Job().Add(artifact, "audio", label: label).Add("film.mp4", "video").Write();
        foreach (var dryRun in (bool[])[true, false])
        {
            var events = await _world.RunAsync(new() { DryRun = dryRun });
            var failure = Assert.Single(events.OfType<TransferEvent.Failed>()).Failure;
            Assert.Equal((FailureClass.Escape, "ReservedName"), (failure.Class, failure.Code));
            Assert.Equal(ExitCode.SafetyStop, ((TransferEvent.Finished)events[^1]).Result.ExitCode);
        }

        Assert.Equal(["b/film.mp4"], _world.NasFiles());
    }

    [Fact]
    public async Task The_marker_of_a_place_cannot_be_a_target_and_stays_what_it_is()
    {
        _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}"], OnConflict = ConflictPolicy.Overwrite };
        _world.Job("job_1").Add("song.m4a", "audio").Write();
        await _world.SyncAsync();
        var marker = File.ReadAllText(Path.Combine(_world.Nas, PlaceMarker.Name));
        _world.Job("job_2").Add(".nassync-destination", "audio").Write();

        var failure = Assert.Single(await _world.FailuresAsync());

        Assert.Equal("ReservedName", failure.Code);
        Assert.Contains("`as:`", failure.Hint, StringComparison.Ordinal);
        Assert.Equal(marker, File.ReadAllText(Path.Combine(_world.Nas, PlaceMarker.Name)));
    }

    [Fact]
    public Task What_an_older_version_put_at_the_name_of_a_part_stays_in_a_folder() => StaysAsync("${remoteRoots.nas}/a", _world.Nas);

    [RequiresFact("linux", SshServer.Program)]
    public async Task What_an_older_version_put_at_the_name_of_a_part_stays_on_an_SSH_host()
    {
        await using var server = await SshServer.StartAsync();
        Describe(server.Config() with { Name = "studio" });
        await StaysAsync("studio:a", server.Root);
    }

    [RequiresFact("linux", "rsync")]
    public async Task What_an_older_version_put_at_the_name_of_a_part_or_into_the_folder_of_partial_files_stays_at_an_rsync_target()
    {
        Describe(new RsyncDestinationConfig { Name = "box", Target = _world.Nas });
        await StaysAsync("box:a", _world.Nas, ".nassync-partial/song.m4a");
    }

    private void Describe(params DestinationConfig[] places) =>
        _world.Config = _world.Config with { Destinations = places.ToDictionary(place => place.Name, StringComparer.OrdinalIgnoreCase) };

    // The story of a ledger from before such names were refused: the first copy is recorded, its source was released, and it may be the only one.
    private async Task StaysAsync(string to, string root, params string[] more)
    {
        _world.Route = new Route { Number = 1, To = [to] };
        _world.Job("first").Add("other.m4a", "audio").Write();
        await _world.SyncAsync();
        var place = Assert.Single(_world.Recorded("first")).Target;
        string[] names = [".song.m4a.00000000.nassync-part", AtomicFile.PartName("song.m4a", "once"), .. more];
        using (var ledger = Ledger.Open(_world.Config.WorkDir))
            foreach (var name in names) ledger.Record([Put(name)]);

        _world.Job("second").Add("song.m4a", "audio").Write();
        Assert.Equal(0, (await _world.SyncAsync()).Failed);
        _world.Job("second").Add("song.m4a", "audio", content: [1, 2, 3]).Write();
        Assert.Equal(0, (await _world.SyncAsync()).Failed);

        foreach (var name in names) Assert.Equal($"only copy {name}", File.ReadAllText(Path.Combine(root, "a", name)));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(Path.Combine(root, "a/song.m4a")));

        RecordedCopy Put(string name)
        {
            var file = Path.Combine(root, "a", name);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, $"only copy {name}");
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddDays(-30));
            var target = place with { Path = $"a/{name}" };
            return new RecordedCopy
            {
                JobId = "released",
                Artifact = name,
                Requested = target,
                Target = target,
                Generation = "1",
                Source = new FileState(1, 1, 1, 1),
                Receipt = new CommitReceipt
                {
                    Size = 1,
                    VerifiedBy = VerifiedBy.SizeOnly,
                    Durability = Durability.Fsynced,
                    CommittedAt = DateTimeOffset.UnixEpoch,
                },
            };
        }
    }
}
